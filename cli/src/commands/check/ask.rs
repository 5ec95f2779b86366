//! `check start`: a check on a terminal, question by question. Every answer is kept at once.

use std::io::{BufRead, IsTerminal, Write};

use ayumi_core::app::{Answer, Became, CheckState, CheckView, Content, Handbook, Locale, NotebookId, Question, texts};
use console::{Key, Term};

use super::text::{more, result_text};
use crate::args::GlobalArgs;
use crate::output::{Failure, print};

/// A reply to a question.
enum Step {
    Answer(Answer),
    Play,
    Back,
    Skip,
    Stop,
}

pub(crate) fn run(
    args: &GlobalArgs,
    handbook: &Handbook,
    notebook: NotebookId,
    check: Option<&str>,
) -> Result<(), Failure> {
    if args.json {
        return Err(Failure::Input(
            "\"check start\" asks a person; use \"check questions\" and \"check answer\"".into(),
        ));
    }
    let all = handbook.checks().due(notebook)?;
    let chosen = match check {
        Some(key) => all.iter().find(|check| check.check == key || check.check.trim_end_matches('m') == key),
        None => all
            .iter()
            .find(|check| check.state == CheckState::Open)
            .or_else(|| all.iter().rfind(|check| matches!(check.state, CheckState::Done | CheckState::Missed))),
    };
    let Some(chosen) = chosen else {
        let keys: Vec<&str> = all.iter().map(|check| check.check.as_str()).collect();
        if keys.is_empty() {
            return Err(Failure::Input("there is no check for this notebook".into()));
        }
        let blanks = vec![("given", check.unwrap_or("now").to_owned()), ("allowed", keys.join(", "))];
        return Err(Failure::Wrong("check: \"{given}\" does not fit; allowed: {allowed}", blanks));
    };
    let locale = args.locale;
    let questions = handbook.checks().questions(notebook, &chosen.check)?;
    let mut asker = Asker { locale, term: Term::stdout(), input: Box::new(std::io::stdin().lock()) };
    asker.say(&intro(chosen, locale))?;
    if asker.questions(handbook, notebook, chosen, &questions)? {
        asker.concerns(handbook, notebook, chosen)?;
    }
    let result = handbook.checks().result(notebook, &chosen.check)?;
    print(args, &serde_json::Value::Null, || format!("\n{}\n{}", "─".repeat(40), result_text(&result, locale)))
}

fn intro(check: &CheckView, locale: Locale) -> String {
    let word = |key: &str| texts::insight(key, locale);
    let keys = match locale {
        Locale::En => "keys: 1 yes  2 sometimes  3 not yet  4 not sure   p play  b back  s skip  q stop",
        _ => "キー: 1 できた  2 ときどき  3 まだ  4 わからない   p あそび  b もどる  s とばす  q やめる",
    };
    format!("{}  {}\n{}\n{keys}\n", word("check.title"), check.name, word("check.intro"))
}

struct Asker {
    locale: Locale,
    term: Term,
    input: Box<dyn BufRead>,
}

impl Asker {
    fn say(&self, words: &str) -> Result<(), Failure> {
        writeln!(&self.term, "{words}").map_err(|error| match error.kind() {
            // A pipe that was closed has read enough.
            std::io::ErrorKind::BrokenPipe => Failure::Silent(0),
            kind => Failure::File("stdout".into(), kind),
        })
    }

    /// Reads one key on a terminal; a line in a pipe. `None` at the end of the input.
    fn key(&mut self) -> Result<Option<char>, Failure> {
        if self.term.is_term() && std::io::stdin().is_terminal() {
            loop {
                return match self.term.read_key() {
                    Ok(Key::Char(key)) => Ok(Some(key)),
                    Ok(Key::ArrowLeft | Key::Backspace) => Ok(Some('b')),
                    Ok(Key::ArrowRight | Key::Enter) => Ok(Some('s')),
                    Ok(Key::Escape) => Ok(Some('q')),
                    Ok(_) => continue,
                    Err(_) => Ok(None),
                };
            }
        }
        Ok(self.line()?.map(|line| line.trim().chars().next().unwrap_or('s')))
    }

    fn line(&mut self) -> Result<Option<String>, Failure> {
        let mut line = String::new();
        let read = self.input.read_line(&mut line).map_err(|error| Failure::File("stdin".into(), error.kind()))?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    fn step(&mut self) -> Result<Step, Failure> {
        loop {
            return Ok(match self.key()? {
                Some('1' | '１') => Step::Answer(Answer::Yes),
                Some('2' | '２') => Step::Answer(Answer::Sometimes),
                Some('3' | '３') => Step::Answer(Answer::NotYet),
                Some('4' | '４') => Step::Answer(Answer::Unsure),
                Some('p') => Step::Play,
                Some('b') => Step::Back,
                Some('s' | ' ') => Step::Skip,
                Some('q') | None => Step::Stop,
                Some(_) => continue,
            });
        }
    }

    /// Asks what has no answer yet first; whether it came to the end.
    fn questions(
        &mut self,
        handbook: &Handbook,
        notebook: NotebookId,
        check: &CheckView,
        questions: &[Question],
    ) -> Result<bool, Failure> {
        // Someone who comes back goes on where it was left; who looks again is asked only what it is about.
        let open = |first: bool| -> Vec<&Question> {
            questions.iter().filter(|question| question.answer.is_none() && question.first == first).collect()
        };
        let (mut first, rest) = (open(true), open(false));
        if first.is_empty() && rest.is_empty() {
            let about = handbook.checks().result(notebook, &check.check)?.about;
            first = questions.iter().filter(|question| about.is_empty() || about.contains(&question.item)).collect();
        }
        if !self.ask_all(handbook, notebook, check, &first)? {
            return Ok(false);
        }
        if rest.is_empty() {
            return Ok(true);
        }
        let how = texts::insight("check.more.how", self.locale);
        self.say(&format!("\n{} {how}", more(rest.len(), self.locale)))?;
        match self.step()? {
            Step::Answer(Answer::Yes) => self.ask_all(handbook, notebook, check, &rest),
            Step::Stop => Ok(false),
            _ => Ok(true),
        }
    }

    /// Asks one after the other; whether it came to the end.
    fn ask_all(
        &mut self,
        handbook: &Handbook,
        notebook: NotebookId,
        check: &CheckView,
        asked: &[&Question],
    ) -> Result<bool, Failure> {
        let mut at = 0;
        while let Some(question) = asked.get(at) {
            let place = format!("({}/{})", at + 1, asked.len());
            self.say(&format!(
                "\n{} {place}\n  {}\n  {}: {}",
                question.area_name,
                console::style(&question.text).bold(),
                texts::insight("check.look", self.locale),
                question.look
            ))?;
            match self.step()? {
                Step::Answer(answer) => {
                    let answers = [(question.item.as_str(), answer)];
                    handbook.checks().answer(notebook, &check.check, &answers, None, None)?;
                    let word = texts::insight(&format!("check.answer.{}", answer.key()), self.locale);
                    self.say(&format!("  → {word}"))?;
                    at += 1;
                }
                Step::Play => self.say(&format!(
                    "  {}: {}\n  {}",
                    texts::insight("check.play", self.locale),
                    question.play,
                    question.typical_words
                ))?,
                Step::Back => at = at.saturating_sub(1),
                Step::Skip => at += 1,
                Step::Stop => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Asks what became of what the child did before.
    fn what_became(&mut self, handbook: &Handbook, notebook: NotebookId, check: &CheckView) -> Result<(), Failure> {
        let locale = self.locale;
        let word = |key: &str| texts::insight(key, locale);
        let choices: Vec<String> = (1..)
            .zip(Became::ALL)
            .map(|(n, became)| format!("  {n} {}", word(&format!("check.became.{}", became.key()))))
            .collect();
        for asked in handbook.checks().result(notebook, &check.check)?.asked_back {
            self.say(&format!("\n{}\n{}\n{}", asked.text, word("check.asked_back"), choices.join("\n")))?;
            let chosen = self.key()?.and_then(|key| key.to_digit(10)).and_then(|n| usize::try_from(n).ok());
            let became = chosen.and_then(|n| n.checked_sub(1)).and_then(|at| Became::ALL.get(at));
            if let Some(became) = became {
                handbook.checks().say_what_became(notebook, &check.check, &asked.item, *became)?;
            }
        }
        Ok(())
    }

    fn concerns(&mut self, handbook: &Handbook, notebook: NotebookId, check: &CheckView) -> Result<(), Failure> {
        let word = |key: &str| texts::insight(key, self.locale);
        let content = Content::default();
        let boxes: Vec<(usize, &String)> = (1..).zip(&content.checks().notices).collect();
        let mut words = format!("\n{}", word("check.notice.title"));
        for (n, notice) in &boxes {
            words += &format!("\n  {n} {}", word(&format!("check.notice.{notice}")));
        }
        self.say(&words)?;
        let line = self.line()?.unwrap_or_default();
        let ticked = boxes.iter().filter(|(n, _)| line.contains(&n.to_string()));
        let boxes: Vec<&str> = ticked.map(|(_, notice)| notice.as_str()).collect();
        self.what_became(handbook, notebook, check)?;
        self.say(&format!("\n{}", texts::insight("check.worry", self.locale)))?;
        let worry = self.line()?.unwrap_or_default();
        let worry = Some(worry.trim()).filter(|worry| !worry.is_empty());
        let boxes = (!boxes.is_empty()).then_some(boxes.as_slice());
        if worry.is_some() || boxes.is_some() {
            handbook.checks().answer(notebook, &check.check, &[], worry, boxes)?;
        }
        Ok(())
    }
}
