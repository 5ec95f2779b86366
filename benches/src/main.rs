//! Ayumi next to the physical floor and to peers, in one run: ratios, not absolute times.
//!
//! `cargo run --release -p ayumi-benches [-- store|save|import|seven-years|growth|insight|sync|lane|worst|load|attack]`. Growth's peers
//! are Python packages; `cargo xtask bench` installs them first and hands their interpreter over in
//! `AYUMI_BENCH_PYTHON`.

mod attack;
mod border;
mod floor;
mod growth;
mod insight;
mod lane;
mod load;
mod store;
mod sync;
mod table;
mod worst;

use table::Outcome;

fn main() -> Outcome<()> {
    let only = std::env::args().nth(1);
    if let (Some("memory"), Some(folder), Some(child)) =
        (only.as_deref(), std::env::args().nth(2), std::env::args().nth(3))
    {
        return store::memory(&folder, &child);
    }
    if only.as_deref() == Some("sync-client") {
        let args: Vec<String> = std::env::args().skip(2).collect();
        let [folder, code, address] = args.as_slice() else { return Err("FOLDER CODE ADDRESS".into()) };
        return sync::client(folder, code, address);
    }
    if only.as_deref() == Some("border") {
        return border::run();
    }
    println!("| what | Ayumi | floor or peer | ratio | bar |\n|---|---:|---:|---:|---|");
    for (name, bench) in [
        ("save", store::save_one as fn() -> Outcome<()>),
        ("import", store::import_many),
        ("seven-years", store::seven_years),
    ] {
        if only.as_deref().is_none_or(|wanted| wanted == name || wanted == "store") {
            bench()?;
        }
    }
    if only.as_deref().is_none_or(|name| name == "insight") {
        insight::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "sync") {
        sync::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "sync" || name == "lane") {
        lane::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "sync" || name == "worst") {
        worst::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "load") {
        load::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "attack") {
        attack::run()?;
    }
    if only.as_deref().is_none_or(|name| name == "growth") {
        growth::run()?;
    }
    Ok(())
}
