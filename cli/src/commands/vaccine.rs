//! `vaccine`: plan, history, visits.

use std::fmt::Write as _;
use std::path::Path;

use ayumi_core::app::{DoseView, plan_for};
use ayumi_core::content::Content;
use ayumi_core::content::moment::Anchors;
use ayumi_core::content::series::Subject;
use ayumi_core::model::date::parse_date;
use ayumi_core::model::notebook::Sex;
use ayumi_core::texts;
use ayumi_core::vaccines::{Given, Person, Status};
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::args::{Args, VaccineCommand};
use crate::home;
use crate::output::{Failure, print, read_file, write_file};

pub(crate) fn run(args: &Args, command: &VaccineCommand) -> Result<(), Failure> {
    match command {
        VaccineCommand::Plan { notebook: Some(notebook), fhir, .. } => {
            let book = home::open(args)?;
            if let Some(path) = fhir {
                let resource = book.vaccines().fhir(*notebook)?;
                write_file(path, format!("{resource:#}\n").as_bytes())?;
                return print(args, &json!({"fhir": path}), || format!("{}\n", path.display()));
            }
            let plan = book.vaccines().plan(*notebook)?;
            let notes = [book.vaccines().mother_rsv(*notebook)?, book.vaccines().rules_note()?];
            show(args, &plan, &notes.into_iter().flatten().collect::<Vec<_>>())
        }
        VaccineCommand::Plan { notebook: None, born, due, sex, given, .. } => {
            let person = person(*born, *due, *sex)?;
            let content = Content::default();
            let given = given.as_deref().map(|path| read_given(path, &content)).transpose()?.unwrap_or_default();
            let today = home::config(args)?.clock().today();
            show(args, &plan_for(&content, &person, &given, today, args.locale), &[])
        }
        VaccineCommand::History { notebook } => {
            let judged = home::open(args)?.vaccines().history(*notebook)?;
            let value: Vec<Value> = judged
                .iter()
                .map(|one| {
                    json!({
                        "on": one.given.on, "product": one.given.product, "series": one.series, "dose": one.dose,
                        "verdict": one.verdict.key(), "because": one.because,
                    })
                })
                .collect();
            print(args, &Value::from(value), || {
                judged
                    .iter()
                    .map(|one| {
                        let name = texts::insight(&format!("series.{}", one.series), args.locale);
                        let dose = one.dose.map(|n| n.to_string()).unwrap_or_default();
                        format!("{}  {name} {dose}  {}\n", one.given.on, one.verdict.key())
                    })
                    .collect()
            })
        }
        VaccineCommand::Visits { notebook, days, voluntary } => {
            let visits = home::open(args)?.vaccines().visits(*notebook, *days, *voluntary)?;
            let value: Vec<Value> = visits
                .iter()
                .map(|visit| {
                    let doses: Vec<Value> =
                        visit.doses.iter().map(|dose| json!({"series": dose.series, "dose": dose.number})).collect();
                    json!({"on": visit.on, "doses": doses, "titles": visit.titles})
                })
                .collect();
            print(args, &Value::from(value), || {
                let mut text = format!("{}\n", texts::insight("vaccine.together", args.locale));
                for visit in &visits {
                    let _ = writeln!(text, "{}  {}", visit.on, visit.titles.join("、"));
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
    let input = |words: String| Failure::Input(format!("{}: {words}", path.display()));
    let bytes = read_file(path)?;
    let rows: Vec<Value> = serde_json::from_slice(&bytes).map_err(|error| {
        input(format!("line {}: allowed: [{{\"product\":\"hepb\",\"on\":\"2026-03-14\"}}]", error.line()))
    })?;
    let products = content.vaccines().map(|rules| &rules.products[..]).unwrap_or_default();
    let mut given = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let product = text("product");
        if !products.iter().any(|known| known.id == product) {
            let all: Vec<&str> = products.iter().map(|known| known.id.as_str()).collect();
            return Err(input(format!(
                "row {}: product \"{product}\" does not fit; allowed: {}",
                i + 1,
                all.join(", ")
            )));
        }
        let on = parse_date(text("on"))
            .ok_or_else(|| input(format!("row {}: on \"{}\" does not fit; allowed: 2026-03-14", i + 1, text("on"))))?;
        given.push(Given { on, product: product.to_owned() });
    }
    Ok(given)
}

fn show(args: &Args, plan: &[DoseView], notes: &[String]) -> Result<(), Failure> {
    let value: Vec<Value> = plan.iter().map(dose_json).collect();
    print(args, &Value::from(value), || text(args, plan, notes))
}

fn dose_json(one: &DoseView) -> Value {
    let next = &one.next;
    let mut value = json!({
        "series": next.series,
        "dose": next.dose.max(1),
        "status": next.status.key(),
        "path": next.path,
        "because": next.because,
        "title": one.title,
        "words": one.status_words,
        "routine": one.routine,
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

/// What can be done now first; what is complete last. The clinic decides on the day.
fn text(args: &Args, plan: &[DoseView], notes: &[String]) -> String {
    let order = |status: Status| match status {
        Status::RecommendedNow | Status::PastStandardStillEligible => 0,
        Status::DueSoon | Status::Eligible => 1,
        Status::NeedsClinicianDecision | Status::NotRecommended | Status::RecordInconsistent => 2,
        Status::NotYet => 3,
        Status::Completed => 4,
        Status::DroppedByRule | Status::EligibilityEnded => 5,
    };
    let mut sorted: Vec<&DoseView> = plan.iter().collect();
    sorted.sort_by_key(|one| (order(one.next.status), one.next.earliest));
    let mut text = String::new();
    for one in sorted {
        let why = match order(one.next.status) {
            2 | 5 if !one.because_words.is_empty() => format!("  ({})", one.because_words.join("、")),
            _ => String::new(),
        };
        let window = if order(one.next.status) < 4 { one.window_words.as_str() } else { "" };
        let _ = writeln!(text, "{}  {}  {window}{why}", one.title, one.status_words);
    }
    for words in notes {
        let _ = writeln!(text, "{words}");
    }
    if !plan.is_empty() {
        let _ = writeln!(text, "\n{}", texts::insight("vaccine.clinic", args.locale));
    }
    text
}
