#![no_main]
//! Invitations, recovery prints, moving boxes, tickets as people type them.

use ayumi_core::sync::code::{Invitation, MovingCode, RecoveryCode};
use ayumi_core::sync::ticket::TicketCode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(code) = Invitation::from_text(text) {
        assert!(Invitation::from_text(&code.to_text()).is_ok_and(|again| again == code));
    }
    if let Ok(code) = RecoveryCode::from_text(text) {
        assert!(RecoveryCode::from_text(&code.to_text()).is_ok_and(|again| again == code));
    }
    if let Ok(code) = TicketCode::from_text(text) {
        assert!(TicketCode::from_text(&code.to_text()).is_ok_and(|again| again == code));
    }
    if let Ok(code) = MovingCode::from_text(text) {
        assert!(MovingCode::from_text(&code.to_text()).is_ok_and(|again| again == code));
    }
});
