-- A small product to try ssoctl on: one team that is ready for single sign-on, and one for each thing that can be in
-- the way. Rows that are there already stay as they are. In SQL that every database reads.

INSERT INTO product_users (id, email, name, active) VALUES
    ('1', 'jane@acme.example', 'Jane Doe', TRUE),
    ('2', 'amir@acme.example', 'Amir Haddad', TRUE),
    ('3', 'li@acme.example', 'Li Wei', TRUE),
    ('4', 'hank@globex.example', 'Hank Scorpio', TRUE),
    ('5', 'sam@initech.example', 'Sam Okafor', TRUE),
    ('6', 'bill@initech.example', 'Bill Lumbergh', TRUE),
    ('7', 'sue@starter.example', 'Sue Park', TRUE),
    ('8', 'gavin@hooli.example', 'Gavin Belson', TRUE),
    ('9', 'pat@freelance.example', 'Pat Novak', TRUE),
    ('10', 'olaf@umbra.example', 'Olaf Berg', FALSE),
    ('11', 'nina@twice.example', 'Nina Rossi', TRUE),
    ('12', 'gus@gmail.com', 'Gus Green', TRUE),
    ('13', 'solo@nobody.example', 'Solo Lindqvist', TRUE),
    ('14', 'mia@vandelay.example', 'Mia Costa', TRUE)
ON CONFLICT DO NOTHING;

INSERT INTO product_teams (id, name, owner_id, plan, management_enabled) VALUES
    ('1042', 'Acme', '1', 'Scale Plus', TRUE),
    ('1043', 'Globex', '4', 'Scale Plus', TRUE),
    -- Somebody with an Initech address is in Globex.
    ('1044', 'Initech', '6', 'Scale Plus', TRUE),
    -- The wrong plan, and team management is off.
    ('1045', 'Starter Co', '7', 'Starter', FALSE),
    -- All right, but for a contractor who would be locked out.
    ('1046', 'Hooli', '8', 'Scale Plus', TRUE),
    -- Its owner's account is deactivated.
    ('1047', 'Umbra', '10', 'Scale Plus', TRUE),
    -- One owner, two teams.
    ('1048', 'Twice One', '11', 'Scale Plus', TRUE),
    ('1049', 'Twice Two', '11', 'Scale Plus', TRUE),
    -- A mailbox provider's domain.
    ('1050', 'Gus Garden', '12', 'Scale Plus', TRUE),
    -- Ready too.
    ('1051', 'Vandelay', '14', 'Scale Plus', TRUE)
ON CONFLICT DO NOTHING;

INSERT INTO product_memberships (user_id, team_id, role, since) VALUES
    ('1', '1042', 'owner', '2024-02-01'),
    ('2', '1042', 'admin', '2024-02-03'),
    ('3', '1042', 'member', '2024-05-17'),
    ('4', '1043', 'owner', '2023-11-20'),
    ('5', '1043', 'member', '2024-08-09'),
    ('6', '1044', 'owner', '2022-06-30'),
    ('7', '1045', 'owner', '2025-01-14'),
    ('8', '1046', 'owner', '2023-03-08'),
    ('9', '1046', 'member', '2025-04-22'),
    ('10', '1047', 'owner', '2021-09-01'),
    ('11', '1048', 'owner', '2024-10-02'),
    ('11', '1049', 'owner', '2025-02-11'),
    ('12', '1050', 'owner', '2025-06-05'),
    ('14', '1051', 'owner', '2024-12-01')
ON CONFLICT DO NOTHING;
