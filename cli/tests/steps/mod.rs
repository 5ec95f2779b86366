//! Plays the steps of `fixtures/journeys` against the objects that Swift and Kotlin have.

use std::collections::{BTreeMap, HashMap};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ayumi_core::app::ports::{KeyVault, VaultError};
use ayumi_core::app::sync::{Budget, SyncReport};
use ayumi_core::app::{Config, Draft, Error, Holding, ListFilter, MarkState, Measure, NewChild, ShownEntry};
use ayumi_core::checks::Answer;
use ayumi_core::crypto::FileKey;
use ayumi_core::growth::Reference;
use ayumi_core::model::date::Gestation;
use ayumi_core::model::notebook::{EndReason, Sex};
use ayumi_core::model::{EntryName, NotebookId, Role};
use ayumi_ffi::handbook::{Handbook, salvage};
use ayumi_tests::handbook::config_on;
use serde_json::{Value, json};

use crate::journeys::wait;

/// A vault that holds a key of one repeated byte, or is locked.
struct Vault(i64);

impl KeyVault for Vault {
    fn load(&self) -> Result<Option<FileKey>, VaultError> {
        let byte = u8::try_from(self.0).map_err(|_| VaultError::Unavailable)?;
        Ok(Some(FileKey::from_bytes([byte; 32])))
    }

    fn keep(&self, _: FileKey) -> Result<(), VaultError> {
        Ok(())
    }
}

/// The phones of one journey.
pub(crate) struct Phones {
    folder: tempfile::TempDir,
    today: String,
    server: String,
    open: BTreeMap<String, Arc<Handbook>>,
    named: BTreeMap<String, String>,
}

impl Phones {
    pub(crate) fn new(today: &str, server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, today: today.into(), server: server.into(), open: BTreeMap::new(), named: BTreeMap::new() }
    }

    fn text(&self, step: &Value, key: &str) -> String {
        let text = step[key].as_str().unwrap_or_default();
        match text.strip_prefix('$') {
            Some(name) => self.named[name].clone(),
            None => text.to_owned(),
        }
    }

    fn home(&self, step: &Value) -> PathBuf {
        self.folder.path().join(self.text(step, "phone"))
    }

    fn config(&self, step: &Value) -> Config {
        let today = step["today"].as_str().unwrap_or(&self.today);
        Config { vault: Arc::new(Vault(step["key"].as_i64().unwrap_or(7))), ..config_on(&self.home(step), today) }
    }

    fn book(&self, step: &Value) -> Arc<Handbook> {
        self.open[&self.text(step, "phone")].clone()
    }

    fn notebook(&self, step: &Value) -> NotebookId {
        self.text(step, "notebook").parse().unwrap()
    }

    fn entry(&self, step: &Value) -> EntryName {
        self.text(step, "entry").parse().unwrap()
    }

    fn call_it(&mut self, step: &Value, value: impl ToString) {
        if let Some(name) = step["as"].as_str() {
            self.named.insert(name.into(), value.to_string());
        }
    }

    /// Plays one step.
    pub(crate) fn play(&mut self, step: &Value) -> Result<Value, Error> {
        match step["do"].as_str().unwrap() {
            "make" => {
                let book = Handbook::create(self.config(step), self.text(step, "carer"))?;
                self.open.insert(self.text(step, "phone"), book.clone());
                Ok(json!({"carer": book.carer()?}))
            }
            "open" => {
                let book = Handbook::open(self.config(step))?;
                self.open.insert(self.text(step, "phone"), book.clone());
                Ok(json!({"carer": book.carer()?, "notebooks": notebooks(&book)?}))
            }
            "close" => {
                self.book(step).finish();
                Ok(Value::Null)
            }
            "damage" => {
                let file = std::fs::OpenOptions::new().write(true).open(self.home(step).join("handbook.db"));
                let mut file = file.unwrap();
                file.seek(SeekFrom::Start(16)).unwrap();
                file.write_all(&[0x55; 64]).unwrap();
                Ok(Value::Null)
            }
            "salvage" => {
                let saved = salvage(self.config(step), None)?;
                Ok(json!({"entries": saved.entries, "facts_lost": saved.facts_lost}))
            }
            "check_file" => {
                let checked = self.book(step).check_file(None)?;
                Ok(json!({"entries": checked.entries, "changes": checked.changes, "findings": checked.findings}))
            }
            "child" | "pregnancy" | "notebooks" | "end" => self.play_notebooks(step),
            "add" | "edit" | "undo" | "delete" | "restore" | "list" | "history" | "form" | "conflicts" | "settle" => {
                self.play_entries(step)
            }
            "server" | "sync" | "cancel" => self.play_sync(step),
            "invite" | "join" | "members" | "role" | "remove" | "leave" | "print" | "recover" => {
                self.play_members(step)
            }
            _ => self.play_insight(step),
        }
    }

    fn play_notebooks(&mut self, step: &Value) -> Result<Value, Error> {
        let book = self.book(step);
        match step["do"].as_str().unwrap() {
            "child" => {
                let child = NewChild {
                    name: self.text(step, "name"),
                    sex: Sex::from_key(&self.text(step, "sex")).unwrap(),
                    born: self.text(step, "born").parse().unwrap(),
                    gestation: step["gestation"].as_i64().and_then(Gestation::from_days),
                    ..NewChild::default()
                };
                let id = book.notebooks().add_child(child)?;
                self.call_it(step, id);
                one_notebook(&book, id)
            }
            "pregnancy" => {
                let id = book.notebooks().add_pregnancy(self.text(step, "due").parse().unwrap())?;
                self.call_it(step, id);
                one_notebook(&book, id)
            }
            "end" => {
                let reason = if self.text(step, "reason") == "loss" { EndReason::Loss } else { EndReason::Death };
                book.notebooks().end(self.notebook(step), reason, self.text(step, "on").parse().unwrap())?;
                Ok(Value::Null)
            }
            _ => notebooks(&book),
        }
    }

    fn play_entries(&mut self, step: &Value) -> Result<Value, Error> {
        let book = self.book(step);
        let entries = book.entries();
        match step["do"].as_str().unwrap() {
            "add" => {
                let draft = Draft {
                    notebook: self.notebook(step),
                    kind: self.text(step, "kind"),
                    on: self.text(step, "on").parse().unwrap(),
                    fields: texts(&step["fields"]),
                    photos: Vec::new(),
                };
                let id = entries.add(draft)?;
                self.call_it(step, id);
                Ok(shown(&entries.find(id.into())?))
            }
            "list" => {
                let filter = ListFilter { search: step["search"].as_str().map(Into::into), ..ListFilter::default() };
                Ok(entries.shown(self.notebook(step), Some(filter))?.iter().map(shown).collect())
            }
            "form" => {
                let forms = book.form(self.notebook(step))?;
                let form = forms.into_iter().find(|form| form.kind == self.text(step, "kind")).unwrap();
                let field = |field: &ayumi_core::app::FieldForm| {
                    json!([
                        field.key,
                        field.label,
                        key(field.field_type),
                        field.unit,
                        field.min,
                        field.max,
                        field.options.len()
                    ])
                };
                Ok(json!({"label": form.label, "fields": form.fields.iter().map(field).collect::<Vec<_>>()}))
            }
            "conflicts" => {
                let row = |conflict: &ayumi_core::app::Conflict| {
                    let mut values: Vec<String> =
                        conflict.values.iter().map(|version| version.value.to_string()).collect();
                    values.sort();
                    json!({"field": conflict.field, "values": values})
                };
                Ok(entries.conflicts()?.iter().map(row).collect())
            }
            "history" => {
                let versions = entries.history(self.entry(step))?;
                let deleted: Vec<bool> = versions.iter().map(|version| version.deleted).collect();
                Ok(json!({"versions": versions.len(), "deleted": deleted}))
            }
            "settle" => {
                let wanted = self.text(step, "value");
                let values = entries.conflicts()?.into_iter().flat_map(|conflict| conflict.values);
                let shown = |value: &Value| value.to_string();
                let version = values.into_iter().find(|version| shown(&version.value) == wanted).unwrap().version;
                entries.settle(self.entry(step), self.text(step, "field"), version)?;
                Ok(Value::Null)
            }
            change => {
                let id = self.entry(step);
                match change {
                    "edit" => entries.edit(id.clone(), texts(&step["fields"]))?,
                    "undo" => entries.undo(id.clone())?,
                    "delete" => entries.delete(id.clone())?,
                    _ => entries.restore(id.clone(), None)?,
                }
                Ok(shown(&entries.find(id)?))
            }
        }
    }

    fn play_insight(&mut self, step: &Value) -> Result<Value, Error> {
        let (book, id) = (self.book(step), self.notebook(step));
        let measure = Measure::from_key(&self.text(step, "measure"));
        let reference = if self.text(step, "reference") == "who" { Reference::Who } else { Reference::Jp2023 };
        match step["do"].as_str().unwrap() {
            "measurements" => {
                let measurements = book.growth().measurements(id, reference)?;
                let row = |measurement: &ayumi_core::app::Measurement| {
                    json!({
                        "on": measurement.on, "value": measurement.value, "age": measurement.age_days, "corrected": measurement.corrected_age_days,
                        "z": measurement.z, "percentile": measurement.percentile, "reading": measurement.reading, "reference": measurement.reference,
                    })
                };
                Ok(measurements.iter().filter(|measurement| Some(measurement.measure) == measure).map(row).collect())
            }
            "chart" => {
                let chart = book.growth().chart(id, measure.unwrap(), reference)?;
                let points: Vec<Value> = chart.points.iter().map(|point| json!([point.day, point.value])).collect();
                let bands: Vec<f64> = chart.bands.iter().map(|band| band.percentile).collect();
                let ends: Vec<Option<f64>> =
                    chart.bands.iter().map(|band| band.line.last().map(|point| point.value)).collect();
                Ok(json!({
                    "points": points, "bands": bands, "ends": ends, "corrected": chart.corrected,
                    "days": [chart.days.from, chart.days.to], "values": [chart.values.from, chart.values.to],
                }))
            }
            "checks" => {
                let due = book.checks().due(id)?;
                let row = |check: &ayumi_core::app::CheckView| {
                    json!({
                        "check": check.check, "name": check.name, "state": key(check.state), "answered": check.answered,
                        "questions": check.questions, "from": check.from, "to": check.to,
                    })
                };
                Ok(due.iter().filter(|check| check.state == ayumi_core::app::CheckState::Open).map(row).collect())
            }
            "questions" => {
                let questions = book.checks().questions(id, self.text(step, "check"))?;
                let row = |question: &ayumi_core::app::Question| {
                    json!([question.item, question.area_name, question.text, question.typical_words])
                };
                Ok(questions.iter().map(row).collect())
            }
            "answer" => {
                let answer = |(item, answer): (String, String)| (item, Answer::from_key(&answer).unwrap());
                let answers: HashMap<String, Answer> = texts(&step["answers"]).into_iter().map(answer).collect();
                let worry = step["worry"].as_str().map(Into::into);
                book.checks().answer(id, self.text(step, "check"), answers, worry, None)?;
                Ok(Value::Null)
            }
            "result" => {
                let result = book.checks().result(id, self.text(step, "check"))?;
                let texts = |items: &[ayumi_core::app::ResultItem]| -> Vec<String> {
                    items.iter().map(|item| item.text.clone()).collect()
                };
                Ok(json!({
                    "strengths": texts(&result.strengths), "next": texts(&result.next), "offer": key(result.offer),
                    "words": result.offer_words, "because": result.because_words, "corrected": result.corrected,
                    "desk": result.desk.map(|desk| desk.name),
                }))
            }
            "agenda" => {
                let items = book.agenda().list(id, None, None)?;
                let row = |item: &ayumi_core::app::AgendaItem| {
                    json!([item.key, key(item.kind), item.from, item.to, item.when, item.title, item.open])
                };
                Ok(items.iter().map(row).collect())
            }
            "reminders" => {
                let days = u32::try_from(step["days"].as_u64().unwrap()).unwrap();
                let reminders = book.agenda().reminders(id, days)?;
                let row = |reminder: &ayumi_core::app::Reminder| {
                    json!([reminder.at.format("%Y-%m-%dT%H:%M").to_string(), reminder.title, reminder.text])
                };
                Ok(reminders.iter().map(row).collect())
            }
            "mark" => {
                book.agenda().mark(id, self.text(step, "key"), MarkState::Done)?;
                Ok(Value::Null)
            }
            "doses" => Ok(book.vaccines().plan(id)?.iter().map(dose).collect()),
            "dose" => {
                let plan = book.vaccines().plan(id)?;
                Ok(dose(plan.iter().find(|dose| dose.next.series == self.text(step, "series")).unwrap()))
            }
            other => panic!("no step \"{other}\""),
        }
    }

    fn play_sync(&mut self, step: &Value) -> Result<Value, Error> {
        let book = self.book(step);
        match step["do"].as_str().unwrap() {
            "server" => {
                book.sync().use_server(self.server.clone())?;
                Ok(Value::Null)
            }
            "sync" => Ok(report(&wait(book.sync().begin(Budget::default(), None)?.ended())?)),
            _ => {
                // Takes the question and never answers.
                let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
                book.sync().use_server(format!("http://{}", silent.local_addr().unwrap()))?;
                let run = book.sync().begin(Budget::default(), None)?;
                let (_asked, _) = silent.accept().unwrap();
                run.cancel();
                let ended = wait(run.ended())?;
                Ok(json!({"stopped": ended.outcome == ayumi_core::app::sync::SyncOutcome::More}))
            }
        }
    }

    fn play_members(&mut self, step: &Value) -> Result<Value, Error> {
        let book = self.book(step);
        let members = book.members();
        let role = |text: &str| match text {
            "owner" => Role::Owner,
            "writer" => Role::Writer,
            _ => Role::Reader,
        };
        match step["do"].as_str().unwrap() {
            "invite" => {
                let role = role(&self.text(step, "role"));
                let made = wait(members.invite(self.notebook(step), role, self.text(step, "name")))?;
                self.call_it(step, made.code);
                Ok(Value::Null)
            }
            "join" => {
                let id = wait(members.join(self.text(step, "code")))?;
                one_notebook(&book, id)
            }
            "members" => {
                let mut found = members.list(self.notebook(step))?;
                found.retain(|member| member.what != Holding::Invitation);
                found.sort_by(|a, b| a.name.cmp(&b.name));
                let row = |member: &ayumi_core::app::MemberView| json!({"name": member.name, "role": key(member.role), "what": key(member.what), "me": member.me});
                Ok(found.iter().map(row).collect())
            }
            "print" => {
                let made = wait(members.print_recovery())?;
                self.call_it(step, made.code);
                Ok(json!({"notebooks": made.notebooks.len()}))
            }
            "recover" => Ok(json!({"notebooks": wait(members.recover(self.text(step, "code")))?.len()})),
            "leave" => {
                wait(members.leave(self.notebook(step)))?;
                Ok(Value::Null)
            }
            change => {
                let wanted = self.text(step, "member");
                let list = members.list(self.notebook(step))?;
                let member = list.into_iter().find(|member| member.name == wanted).unwrap().id;
                match change {
                    "role" => wait(members.set_role(self.notebook(step), member, role(&self.text(step, "role"))))?,
                    _ => wait(members.remove(self.notebook(step), member))?,
                }
                Ok(Value::Null)
            }
        }
    }
}

/// The name of a variant, as each language can tell it.
fn key(variant: impl std::fmt::Debug) -> String {
    format!("{variant:?}").to_lowercase()
}

fn texts(fields: &Value) -> HashMap<String, String> {
    let fields = fields.as_object().unwrap();
    fields.iter().map(|(key, text)| (key.clone(), text.as_str().unwrap().to_owned())).collect()
}

fn one_notebook(book: &Handbook, id: NotebookId) -> Result<Value, Error> {
    let notebook = book.notebooks().find(id)?;
    let role = notebook.role.map_or("none".into(), key);
    Ok(json!({"name": notebook.name, "type": key(notebook.notebook_type), "role": role}))
}

fn notebooks(book: &Handbook) -> Result<Value, Error> {
    book.notebooks().list()?.iter().map(|found| one_notebook(book, found.id)).collect()
}

fn shown(entry: &ShownEntry) -> Value {
    let lines: Vec<Value> = entry.lines.iter().map(|line| json!([line.label, line.text])).collect();
    json!({
        "kind": entry.entry.kind, "title": entry.title, "day": entry.day, "lines": lines,
        "deleted": entry.entry.deleted, "conflicts": entry.entry.conflicts,
    })
}

fn dose(dose: &ayumi_core::app::DoseView) -> Value {
    json!({
        "series": dose.next.series, "number": dose.next.dose, "status": key(dose.next.status), "earliest": dose.next.earliest,
        "to": dose.next.last_routine_day, "title": dose.title, "window": dose.window_words, "because": dose.because_words,
    })
}

fn report(report: &SyncReport) -> Value {
    json!({
        "outcome": key(report.outcome), "pushed": report.pushed, "pulled": report.pulled, "waiting": report.waiting,
        "refused": report.refused,
    })
}

/// The journeys, by file name.
pub(crate) fn journeys() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/journeys");
    let mut found: Vec<(String, Value)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
