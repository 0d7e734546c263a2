//! Ctrl-C and its kin: the first ends the run soon and in good order, the second at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::ui::{Ui, prompt};

/// Which signal came, if any.
#[derive(Clone)]
pub(super) struct Interruption(watch::Sender<Option<&'static str>>);

impl Interruption {
    /// Its name.
    pub(super) fn name(&self) -> Option<&'static str> {
        *self.0.borrow()
    }

    /// Returns once `time` has passed since a signal came; never, if none comes.
    pub(super) async fn over(&self, time: Duration) {
        let mut interruption = self.0.subscribe();
        if interruption.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(time).await;
    }
}

/// Waits for a signal, and stops the run by `stop`.
pub(super) fn watch(stop: &Arc<watch::Sender<bool>>, ui: &Ui) -> Interruption {
    prompt::command_ends_itself();
    let interruption = Interruption(watch::Sender::new(None));
    let kinds = [
        (SignalKind::interrupt(), "Ctrl-C"),
        (SignalKind::terminate(), "SIGTERM"),
        (SignalKind::hangup(), "SIGHUP (the terminal went away)"),
    ];
    for (kind, name) in kinds {
        if kind == SignalKind::hangup() && prompt::is_hangup_ignored() {
            continue;
        }
        let Ok(mut signal) = signal(kind) else { continue };
        let (stop, ui, interruption) = (Arc::clone(stop), ui.clone(), interruption.clone());
        tokio::spawn(async move {
            signal.recv().await;
            let first = interruption.0.send_if_modified(|before| before.replace(name).is_none());
            if first {
                ui.status("\nstopping: what is under way is finished; Ctrl-C again stops at once");
                let _ = stop.send(true);
            }
        });
    }
    interruption
}
