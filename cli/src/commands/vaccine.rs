//! `vaccine`: plan, history, visits.

use ayumi_core::app::{
    Anchors, Content, DoseView, Given, NotebookId, Person, Sex, Status, Subject, long_date, parse_date, plan_for, texts,
};
use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::args::GlobalArgs;
use crate::args::value::{date, notebook_id, sex};
use crate::home;
use crate::output::{Failure, print, read_file, write_file};
use crate::words::{list, said};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum VaccineCommand {
    /// The next dose of each series: earliest, standard window, last routine day, reasons
    #[command(
        after_help = "Examples:\n  ayumi vaccine plan NOTEBOOK\n  ayumi --json vaccine plan --born 2026-01-15 --given given.json\n  \
                      ayumi vaccine plan --due 2026-12-01          (a pregnancy)\n\ngiven.json: [{\"product\":\"hepb\",\"on\":\"2026-03-14\"}]"
    )]
    Plan {
        #[arg(value_parser = notebook_id, conflicts_with_all = ["born", "due", "given"])]
        notebook: Option<NotebookId>,
        /// Without a notebook: date of birth
        #[arg(long, value_parser = date)]
        born: Option<NaiveDate>,
        /// Without a notebook: due date; alone it is a pregnancy
        #[arg(long, value_parser = date)]
        due: Option<NaiveDate>,
        /// Without a notebook: female, male or unspecified
        #[arg(long, value_parser = sex, default_value = "unspecified", value_name = "female|male|unspecified")]
        sex: Sex,
        /// Without a notebook: what was given, as JSON
        #[arg(long, value_name = "FILE.json")]
        given: Option<PathBuf>,
        /// Write the plan as a FHIR ImmunizationRecommendation
        #[arg(long, value_name = "FILE", requires = "notebook")]
        fhir: Option<PathBuf>,
    },
    /// What was given, judged by the rules of its day
    #[command(after_help = "Example:\n  ayumi vaccine history NOTEBOOK")]
    History {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
    },
    /// Visits that could be made: doses that fit one day together
    #[command(after_help = "Example:\n  ayumi vaccine visits NOTEBOOK --days 365")]
    Visits {
        #[arg(value_parser = notebook_id)]
        notebook: NotebookId,
        /// How far ahead
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=6000))]
        days: u32,
        /// Voluntary vaccines (任意接種) too
        #[arg(long)]
        voluntary: bool,
    },
}

pub(crate) fn run(args: &GlobalArgs, command: &VaccineCommand) -> Result<(), Failure> {
    match command {
        VaccineCommand::Plan { notebook: Some(notebook), fhir, .. } => {
            let handbook = home::open(args)?;
            if let Some(path) = fhir {
                let resource = handbook.vaccines().fhir(*notebook)?;
                write_file(path, format!("{resource:#}\n").as_bytes())?;
                return print(args, &json!({"fhir": path}), || format!("{}\n", path.display()));
            }
            let plan = handbook.vaccines().plan(*notebook)?;
            let vaccines = handbook.vaccines();
            let notes = [vaccines.mother_rsv(*notebook)?, vaccines.rules_note()?];
            let notes: Vec<String> = notes.into_iter().flatten().collect();
            show(args, &plan, vaccines.paper_note(*notebook)?.as_deref(), &notes)
        }
        VaccineCommand::Plan { notebook: None, born, due, sex, given, .. } => {
            let person = person(*born, *due, *sex)?;
            let content = Content::default();
            let given = given.as_deref().map(|path| read_given(path, &content)).transpose()?.unwrap_or_default();
            let today = home::config(args)?.clock().today();
            let plan = plan_for(&content, &person, &given, today, args.locale);
            let over = |dose: &DoseView| dose.next.status == Status::EligibilityEnded;
            let untyped = given.is_empty() && person.subject == Subject::Child && plan.iter().any(over);
            let paper = untyped.then(|| texts::insight("vaccine.copy_paper", args.locale));
            show(args, &plan, paper, &[])
        }
        VaccineCommand::History { notebook } => {
            let judged = home::open(args)?.vaccines().history(*notebook)?;
            let value: Vec<Value> = judged
                .iter()
                .map(|dose| {
                    json!({
                        "on": dose.given.on, "product": dose.given.product, "series": dose.series, "dose": dose.dose,
                        "verdict": dose.verdict.key(), "because": dose.because,
                    })
                })
                .collect();
            print(args, &Value::from(value), || {
                judged
                    .iter()
                    .map(|dose| {
                        // A product that no series asks for has a name of its own.
                        let name = if dose.series.is_empty() {
                            texts::option_label("immunisation", "vaccine", &dose.given.product, args.locale)
                        } else {
                            texts::insight(&format!("series.{}", dose.series), args.locale).to_owned()
                        };
                        let number = dose.dose.map(|n| n.to_string()).unwrap_or_default();
                        let verdict = said(args.locale, dose.verdict.key());
                        format!("{}  {name} {number}  {verdict}\n", dose.given.on)
                    })
                    .collect()
            })
        }
        VaccineCommand::Visits { notebook, days, voluntary } => {
            let visits = home::open(args)?.vaccines().visits(*notebook, *days, *voluntary)?;
            let value: Vec<Value> = visits
                .iter()
                .map(|visit| {
                    // What is to be asked is in the same lists; its title says so.
                    let all = visit.doses.iter().chain(&visit.ask);
                    let doses: Vec<Value> =
                        all.map(|dose| json!({"series": dose.series, "dose": dose.number})).collect();
                    let titles: Vec<&String> = visit.titles.iter().chain(&visit.ask_titles).collect();
                    json!({"on": visit.on, "doses": doses, "titles": titles})
                })
                .collect();
            print(args, &Value::from(value), || {
                let mut text = format!("{}\n", texts::insight("vaccine.together", args.locale));
                for visit in &visits {
                    let titles: Vec<&str> = visit.titles.iter().chain(&visit.ask_titles).map(String::as_str).collect();
                    let _ = writeln!(text, "{}  {}", long_date(visit.on, args.locale), list(args.locale, &titles));
                }
                text
            })
        }
    }
}

fn person(born: Option<NaiveDate>, due: Option<NaiveDate>, sex: Sex) -> Result<Person, Failure> {
    let subject = match (born, due) {
        (Some(_), _) => Subject::Child,
        (None, Some(_)) => Subject::Pregnant,
        (None, None) => {
            let words = "give a notebook, or --born DATE for a child, or --due DATE for a pregnancy";
            return Err(Failure::Input(words.into()));
        }
    };
    let sex = if subject == Subject::Pregnant { Sex::Female } else { sex };
    Ok(Person { anchors: Anchors { born, due, ..Anchors::default() }, sex, subject })
}

/// `[{"product","on"}]`
fn read_given(path: &Path, content: &Content) -> Result<Vec<Given>, Failure> {
    let file = || ("file", path.display().to_string());
    let bytes = read_file(path)?;
    let rows: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| {
        let allowed = "[{\"product\":\"hepb\",\"on\":\"2026-03-14\"}]".to_owned();
        Failure::Wrong(
            "{file}: line {line}: allowed: {allowed}",
            vec![file(), ("line", error.line().to_string()), ("allowed", allowed)],
        )
    })?;
    let products = content.vaccines().map(|rules| &rules.products[..]).unwrap_or_default();
    let mut given = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let row = ("row", (i + 1).to_string());
        let product = text("product");
        if !products.iter().any(|known| known.id == product) {
            let all: Vec<&str> = products.iter().map(|known| known.id.as_str()).collect();
            return Err(Failure::Wrong(
                "{file}: row {row}: product \"{given}\" does not fit; allowed: {allowed}",
                vec![file(), row, ("given", product.to_owned()), ("allowed", all.join(", "))],
            ));
        }
        let on = parse_date(text("on")).ok_or_else(|| {
            Failure::Wrong(
                "{file}: row {row}: on \"{given}\" does not fit; allowed: 2026-03-14",
                vec![file(), row, ("given", text("on").to_owned())],
            )
        })?;
        given.push(Given { on, product: product.to_owned() });
    }
    Ok(given)
}

fn show(args: &GlobalArgs, plan: &[DoseView], paper: Option<&str>, notes: &[String]) -> Result<(), Failure> {
    let value: Vec<Value> = plan.iter().map(dose_json).collect();
    print(args, &Value::from(value), || text(args, plan, paper, notes))
}

fn dose_json(dose: &DoseView) -> Value {
    let next = &dose.next;
    let mut value = json!({
        "series": next.series,
        "dose": next.dose.max(1),
        "status": next.status.key(),
        "path": next.path,
        "because": next.because,
        "title": dose.title,
        "words": dose.status_words,
        "routine": dose.routine,
    });
    let dates = [
        ("earliest", next.earliest),
        ("standard_from", next.standard_from),
        ("standard_to", next.standard_to),
        ("last_routine_day", next.last_routine_day),
    ];
    for (key, date) in dates {
        if let Some(date) = date {
            value[key] = date.to_string().into();
        }
    }
    value
}

/// What can be done now first; what is complete last. The clinic decides on the day. Where nothing has been typed yet, how
/// to begin stands first, and what seems to be over is left out: most of it has been given.
fn text(args: &GlobalArgs, plan: &[DoseView], paper: Option<&str>, notes: &[String]) -> String {
    let order = |status: Status| match status {
        Status::PastStandardStillEligible => 0,
        Status::RecommendedNow => 1,
        Status::NeedsClinicianDecision | Status::NotRecommended | Status::RecordInconsistent => 2,
        Status::DueSoon | Status::Eligible => 3,
        Status::NotYet => 4,
        Status::Completed => 5,
        Status::DroppedByRule | Status::EligibilityEnded => 6,
    };
    let shown = |dose: &&DoseView| paper.is_none() || dose.next.status != Status::EligibilityEnded;
    let mut sorted: Vec<&DoseView> = plan.iter().filter(shown).collect();
    sorted.sort_by_key(|dose| (order(dose.next.status), dose.next.earliest));
    let mut text = paper.map(|words| format!("{words}\n\n")).unwrap_or_default();
    for dose in sorted {
        let why = match order(dose.next.status) {
            2 | 6 if !dose.because_words.is_empty() => format!("  ({})", list(args.locale, &dose.because_words)),
            _ => String::new(),
        };
        let window = if order(dose.next.status) < 5 { dose.window_words.as_str() } else { "" };
        let _ = writeln!(text, "{}  {}  {window}{why}", dose.title, dose.status_words);
    }
    for words in notes {
        let _ = writeln!(text, "{words}");
    }
    if !plan.is_empty() {
        let _ = writeln!(text, "\n{}", texts::insight("vaccine.clinic", args.locale));
    }
    text
}
