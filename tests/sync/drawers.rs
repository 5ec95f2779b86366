//! Who may fill a drawer, the recovery index of a sheet, and what it keeps.

use ayumi_core::crypto::keys::SecretKeys;
use ayumi_protocol::drawer::{DrawerReply, DrawerRequest, PURPOSE, drawer_of, signed_bytes};
use ayumi_tests::family::{Municipality, Time};

#[test]
fn a_drawer_opens_for_its_key_only_and_keeps_the_newest() {
    let municipality = Municipality::new(&Time::default());
    let [keys, stranger] = [0; 2].map(|_| SecretKeys::generate().unwrap());
    let fill = |by: &SecretKeys, edition, sealed: &[u8]| {
        let signature = by.sign(PURPOSE, &signed_bytes(edition, sealed));
        let request = DrawerRequest::Fill { key: keys.public().sign, edition, sealed: sealed.to_vec(), signature };
        municipality.answer("/v1/drawer", &request.to_bytes()).status
    };
    let look = || {
        let request = DrawerRequest::Look(drawer_of(&keys.public().sign));
        DrawerReply::from_bytes(&municipality.answer("/v1/drawer", &request.to_bytes()).body).unwrap()
    };
    assert_eq!(look().edition, 0);
    assert_eq!(fill(&stranger, 1, b"mine now"), 403);
    assert_eq!((fill(&keys, 5, b"list"), fill(&keys, 4, b"older")), (200, 200));
    assert_eq!((look().edition, look().sealed), (5, b"list".to_vec()));
}
