#![no_main]
//! A municipality's content pack: read, checked, and used by every engine if it passes.

use ayumi_core::agenda::Family;
use ayumi_core::agenda::events::events;
use ayumi_core::app::{DeskTopic, check_pack};
use ayumi_core::content::Content;
use ayumi_core::content::moment::Anchors;
use ayumi_core::model::notebook::NotebookType;
use chrono::NaiveDate;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(pack) = check_pack(text) else { return };
    let content = Content::with(Some(pack));
    let day = NaiveDate::from_ymd_opt(2026, 4, 20).unwrap_or_default();
    for desk in content.desks(DeskTopic::Development, day) {
        let now = day.and_hms_opt(3, 0, 0).unwrap_or_default();
        let _ = (desk.is_open(now), desk.opens_next(now));
    }
    let born = Some(day);
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
