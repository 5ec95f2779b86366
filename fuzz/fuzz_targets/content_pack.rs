#![no_main]
//! A municipality's content pack: read, checked, and used by every engine, notices too, if it passes.

use ayumi_core::agenda::Family;
use ayumi_core::agenda::events::events;
use ayumi_core::app::{DeskTopic, check_pack};
use ayumi_core::content::Content;
use ayumi_core::content::moment::Anchors;
use ayumi_core::model::notebook::NotebookType;
use ayumi_core::notices::household::{Household, Life};
use ayumi_core::notices::list::list;
use chrono::NaiveDate;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(pack) = check_pack(text) else { return };
    let content = Content::with(Some(pack));
    let day = NaiveDate::from_ymd_opt(2026, 4, 20).unwrap_or_default();
    for desk in content.desks(DeskTopic::Development, day) {
        let now = day.and_hms_opt(3, 0, 0).unwrap_or_default();
        let _ = (desk.is_open(now), desk.opens_next(now, |_| false));
    }
    let born = Some(day);
    let life = |notebook, silent| Life {
        notebook,
        name: None,
        born: born.filter(|_| notebook == NotebookType::Child),
        due: born,
        multiple: Some(true),
        first_child: Some(true),
        done: Default::default(),
        pregnancy: None,
        silent,
    };
    for silent in [false, true] {
        let lives = vec![life(NotebookType::Child, silent), life(NotebookType::Pregnancy, false)];
        let household = Household { language: "en".into(), area: None, lives };
        let now = day.and_hms_opt(9, 0, 0).unwrap_or_default();
        let _ = list(&content, &household, &Default::default(), now, ayumi_core::app::Locale::Ja, true);
    }
    for notebook in [NotebookType::Child, NotebookType::Pregnancy] {
        let anchors = Anchors { born, due: born, ended: born, notified: born };
        let _ = events(
            &content,
            &Family {
                notebook,
                anchors,
                multiple: true,
                silent: false,
                mother_elsewhere: false,
                done: Default::default(),
                last_prenatal: None,
                birth_weight: None,
                born_abroad: false,
            },
        );
    }
});
