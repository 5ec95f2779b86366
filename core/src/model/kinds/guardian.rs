//! 保護者の記録: the guardian's own record at the form's 13 age points.
//!
//! Every answer is the parent's; none is scored. A few items are worded the other way round (yes is the worry), and
//! three ask to be looked at soon; both lists are here because a shell must word them kindly.

use super::shared::*;
use crate::model::date::ApproxDate;
use crate::model::kind::kind;
use crate::model::value::Answer;

/// Items where "yes" is the worry. Source: the form's data, `reverse_coded`.
pub const REVERSE_CODED: &[&str] = &[
    "weak_cry_or_suck",
    "eyes_odd",
    "pupil_white",
    "eyes_dazzled_or_odd",
    "squint",
    "eyes_not_aligned",
    "goes_very_near",
    "hearing_worry",
    "teeth_worry",
    "bite_worry",
    "still_uses_bottle",
    "thumb_sucking",
    "thumb_sucking_always",
    "likes_and_dislikes",
    "child_sleep_trouble",
    "own_sleep_trouble",
    "worry",
];

/// Items to be looked at soon. Source: the form's data, `act_soon_items`; the stool colour is a kind of its own. Each has a
/// rule in `content/leads/rules.toml`, which says what to do and who looks; a test compares.
pub const ACT_SOON: &[&str] = &[
    "pupil_white",
    "looks_for_voice",
    "turns_to_tv_sound",
    "turns_to_whisper",
    "turns_to_whispered_call",
    "startles_at_sound",
];

/// Questions that are not asked again: (kind, field). What they meant differed from the ministerial form, and a question of its
/// own took the place of each; or the form may not ask them. Answers stay readable with the words that were asked.
pub const RETIRED: &[(&str, &str)] = &[
    // Asked "do you sleep"; the form asks whether there is trouble.
    ("guardian_2w", "own_sleep"),
    ("guardian_1m", "own_sleep"),
    ("guardian_2m", "own_sleep"),
    // A whisper, from near.
    ("guardian_9-10m", "turns_to_whisper"),
    // Several words; by oneself.
    ("guardian_1y6m", "meaningful_words"),
    ("guardian_1y6m", "drinks_from_cup"),
    ("guardian_2y", "eats_with_spoon"),
    // Always; a squint is not a sideways look.
    ("guardian_3y", "thumb_sucking"),
    ("guardian_4y", "thumb_sucking"),
    ("guardian_3y", "squint"),
    // Though the child wants it.
    ("guardian_6y", "can_wait"),
    // Nobody has confirmed that the form of 2023 asks it; whoever is not married need not be asked.
    ("mother_health", "married_age"),
];

kind! {
    /// 2 weeks (new in 2023).
    Guardian2w "guardian_2w" in CHILD, Child, by Guardian, once {
        weak_cry_or_suck: Answer = YES_NO,
        sleeps_on_back: Answer = YES_NO,
        child_seat: Answer = YES_NO,
        own_sleep: Answer = YES_NO,
        own_sleep_trouble: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 1 month.
    Guardian1m "guardian_1m" in CHILD, Child, by Guardian, once {
        limbs_move: Answer = YES_NO,
        drinks_well: Answer = YES_NO,
        startles_at_sound: Answer = YES_NO,
        navel_dry: Answer = YES_NO,
        sleeps_on_back: Answer = YES_NO,
        child_seat: Answer = YES_NO,
        own_sleep: Answer = YES_NO,
        own_sleep_trouble: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 2 months (new in 2023).
    Guardian2m "guardian_2m" in CHILD, Child, by Guardian, once {
        drinks_well: Answer = YES_NO,
        follows_with_eyes: Answer = YES_NO,
        sleeps_on_back: Answer = YES_NO,
        child_seat: Answer = YES_NO,
        own_sleep: Answer = YES_NO,
        own_sleep_trouble: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 3 to 4 months.
    Guardian3to4m "guardian_3-4m" in CHILD, Child, by Guardian, once {
        head_control: ApproxDate = ABOUT,
        smiles_when_played_with: Answer = YES_NO,
        eyes_odd: Answer = YES_NO,
        looks_for_voice: Answer = YES_NO,
        outdoor_air: Answer = YES_NO,
        child_seat: Answer = YES_NO,
        child_sleep_trouble: Answer = YES_NO,
        own_sleep_trouble: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 6 to 7 months.
    Guardian6to7m "guardian_6-7m" in CHILD, Child, by Guardian, once {
        rolling_over: ApproxDate = ABOUT,
        sitting_alone: ApproxDate = ABOUT,
        grasps_toy: Answer = YES_NO,
        talks_to_family: Answer = YES_NO,
        turns_to_tv_sound: Answer = YES_NO,
        weaning_begun: Answer = YES_NO,
        pupil_white: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 9 to 10 months.
    Guardian9to10m "guardian_9-10m" in CHILD, Child, by Guardian, once {
        crawling: ApproxDate = ABOUT,
        pulling_to_stand: ApproxDate = ABOUT,
        first_tooth: ApproxDate = ABOUT,
        pinches_small_things: Answer = YES_NO,
        plays_alone: Answer = YES_NO,
        weaning_going_well: Answer = YES_NO,
        turns_to_whisper: Answer = YES_NO,
        turns_to_whispered_call: Answer = YES_NO,
        follows_parent: Answer = YES_NO,
        teeth_worry: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 1 year.
    Guardian1y "guardian_1y" in CHILD, Child, by Guardian, once {
        cruising: ApproxDate = ABOUT,
        bye_bye: Answer = YES_NO,
        moves_to_music: Answer = YES_NO,
        understands_words: Answer = YES_NO,
        looks_where_pointed: Answer = YES_NO,
        enjoys_playing_together: Answer = YES_NO,
        favourite_play: String = TEXT,
        three_meals: Answer = YES_NO,
        begins_tooth_brushing: Answer = YES_NO,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 1 year 6 months.
    Guardian1y6m "guardian_1y6m" in CHILD, Child, by Guardian, once {
        walking_alone: ApproxDate = ABOUT,
        meaningful_words: Answer = YES_NO,
        several_meaningful_words: Answer = YES_NO,
        drinks_from_cup: Answer = YES_NO,
        holds_cup_and_drinks: Answer = YES_NO,
        still_uses_bottle: Answer = YES_NO,
        meal_times_regular: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        fluoride: Answer = YES_NO,
        eyes_dazzled_or_odd: Answer = YES_NO,
        turns_when_called: Answer = YES_NO,
        favourite_play: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 2 years.
    Guardian2y "guardian_2y" in CHILD, Child, by Guardian, once {
        runs: Answer = YES_NO,
        eats_with_spoon: Answer = YES_NO,
        eats_with_spoon_alone: Answer = YES_NO,
        builds_with_blocks: Answer = YES_NO,
        copies_gestures: Answer = YES_NO,
        two_word_sentences: Answer = YES_NO,
        eats_meat_and_vegetables: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        no_long_screens: Answer = YES_NO,
        favourite_play: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 3 years.
    Guardian3y "guardian_3y" in CHILD, Child, by Guardian, once {
        stairs_without_hands: Answer = YES_NO,
        draws_circle: Answer = YES_NO,
        wants_to_dress: Answer = YES_NO,
        brushes_and_washes: Answer = YES_NO,
        says_own_name: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        thumb_sucking: Answer = YES_NO,
        thumb_sucking_always: Answer = YES_NO,
        chews_well: Answer = YES_NO,
        bite_worry: Answer = YES_NO,
        fluoride: Answer = YES_NO,
        squint: Answer = YES_NO,
        eyes_not_aligned: Answer = YES_NO,
        goes_very_near: Answer = YES_NO,
        hearing_worry: Answer = YES_NO,
        pretend_play: Answer = YES_NO,
        play_friends: Answer = YES_NO,
        no_long_screens: Answer = YES_NO,
        birthday_message: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 4 years (items of confidence C: a record only, they drive nothing).
    Guardian4y "guardian_4y" in CHILD, Child, by Guardian, once {
        jumps_down_steps: Answer = YES_NO,
        hops_on_one_foot: Answer = YES_NO,
        tells_experiences: Answer = YES_NO,
        copies_cross: Answer = YES_NO,
        uses_scissors: Answer = YES_NO,
        dresses_alone: Answer = YES_NO,
        brushes_and_rinses: Answer = YES_NO,
        pees_alone: Answer = YES_NO,
        make_believe_with_friends: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        thumb_sucking: Answer = YES_NO,
        thumb_sucking_always: Answer = YES_NO,
        likes_and_dislikes: Answer = YES_NO,
        no_long_screens: Answer = YES_NO,
        birthday_message: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 5 years (items of confidence C: a record only, they drive nothing).
    Guardian5y "guardian_5y" in CHILD, Child, by Guardian, once {
        somersault: Answer = YES_NO,
        draws_from_memory: Answer = YES_NO,
        knows_colours: Answer = YES_NO,
        clear_pronunciation: Answer = YES_NO,
        conversation: Answer = YES_NO,
        toilet_alone: Answer = YES_NO,
        enjoys_group: Answer = YES_NO,
        cares_about_others: Answer = YES_NO,
        tells_family: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        enjoys_meals: Answer = YES_NO,
        no_long_screens: Answer = YES_NO,
        birthday_message: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}

kind! {
    /// 6 years.
    Guardian6y "guardian_6y" in CHILD, Child, by Guardian, once {
        one_leg_stand: Answer = YES_NO,
        copies_square: Answer = YES_NO,
        front_back_left_right: Answer = YES_NO,
        reads_writes_name: Answer = YES_NO,
        can_wait: Answer = YES_NO,
        can_hold_back: Answer = YES_NO,
        plays_by_rules: Answer = YES_NO,
        first_molar: Answer = YES_NO,
        parent_finishes_brushing: Answer = YES_NO,
        breakfast_daily: Answer = YES_NO,
        no_long_screens: Answer = YES_NO,
        birthday_message: String = TEXT,
        someone_to_ask: Answer = YES_NO,
        worry: Answer = WORRY,
        notes: String = TEXT,
    }
}
