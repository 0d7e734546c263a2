//! Makes the sample product in an empty PostgreSQL database, for `throughput.py`.
//!
//! ```text
//! cargo bench --bench product -- URL [--onboardable 20000]
//! ```

#[expect(dead_code, reason = "the other bench measures on it too")]
mod making;

use making::Failed;

fn main() -> Result<(), Failed> {
    let (mut url, mut onboardable) = (None, 0);
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        match word.as_str() {
            "--onboardable" => onboardable = words.next().ok_or("--onboardable needs a number")?.parse()?,
            _ => url = Some(word),
        }
    }
    let url = url.ok_or("the URL of an empty database, please")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(making::on_server(&url, onboardable))
}
