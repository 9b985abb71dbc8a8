//! `connections` counts the lines of all passes together, and staff always get one.

use std::time::Duration;

use super::{STALL, Sure, carry, courier, numbered, server};
use crate::care::delivery::AttemptVerdict;
use crate::config::sections::smtp::Smtp;
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::test_server::{Act, Fake};
use crate::ports::{Courier, Lane};

async fn with(connections: usize) -> (Fake, SmtpCourier) {
    let fake = Fake::start().await;
    let courier = courier(SmtpSettings::new(Smtp { connections, ..server(&fake) }));
    (fake, courier)
}

#[tokio::test]
async fn patients_leave_a_line_to_staff_where_there_is_more_than_one() {
    for (connections, patients, staff) in [(1, 1, 1), (2, 1, 2), (4, 3, 4), (64, 63, 64)] {
        let (_, courier) = with(connections).await;
        assert_eq!(courier.lines_for(Lane::Patients), patients);
        assert_eq!((courier.lines_for(Lane::Staff), courier.lines_for(Lane::Shared)), (staff, connections));
    }
}

#[tokio::test]
async fn no_more_lines_are_open_than_connections_say_whichever_pass_opens_them() {
    let (fake, courier) = with(2).await;
    let mut lines: Vec<_> = [Lane::Patients, Lane::Staff].map(|lane| courier.connection_for(lane)).into();
    for line in &mut lines {
        line.ready().await.unwrap();
    }
    let mut third = courier.connection_for(Lane::Staff);
    assert!(tokio::time::timeout(STALL, third.ready()).await.is_err(), "all are taken");
    assert_eq!(fake.tell(|story| story.connections), 2);
    drop(lines.pop());
    third.ready().await.unwrap();
    assert_eq!(fake.tell(|story| story.connections), 3);
}

#[tokio::test]
async fn a_connection_that_fails_or_is_given_up_frees_its_place() {
    let (fake, courier) = with(1).await;
    for act in [Act::HangUp, Act::SayAndHangUp("421 4.3.2 no")] {
        fake.next("GREETING", act);
        courier.connection_for(Lane::Staff).ready().await.unwrap_err();
    }
    fake.next("GREETING", Act::Stall);
    let mut line = courier.connection_for(Lane::Patients);
    assert!(tokio::time::timeout(STALL, line.ready()).await.is_err());
    courier.connection_for(Lane::Staff).ready().await.unwrap();
}

#[tokio::test]
async fn with_a_single_connection_staff_come_after_the_letter_in_hand() {
    let (fake, courier) = with(1).await;
    let (mut patients, mut staff) =
        (courier.connection_for(Lane::Patients), courier.connection_for(Lane::Staff));
    patients.ready().await.unwrap();
    fake.next("DOT", Act::SayLate("250 2.0.0 queued", 300));
    let alert = tokio::spawn(async move {
        staff.ready().await.unwrap();
        let sent = carry(&mut *staff, &numbered(100)).await;
        staff.rest().await;
        sent.verdict
    });
    // A queue of patients without end: each letter announces the next.
    let mut sent = 0;
    while !alert.is_finished() && sent < 100 {
        patients.ready().await.unwrap();
        patients.announce(&numbered(sent + 2));
        patients.transfer(&numbered(sent + 1), &Sure).await;
        sent += 1;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(alert.await.unwrap(), AttemptVerdict::Accepted);
    assert!(sent <= 3, "{sent} letters to patients went before an alert");
}

#[tokio::test]
async fn a_courier_that_succeeds_another_opens_no_more_than_both_may_together() {
    let (fake, former) = with(2).await;
    let mut lines: Vec<_> = [Lane::Patients, Lane::Staff].map(|lane| former.connection_for(lane)).into();
    for line in &mut lines {
        line.ready().await.unwrap();
    }
    let heir = |connections| courier(SmtpSettings::new(Smtp { connections, ..server(&fake) }));
    let (one, three) = (heir(1), heir(3));
    one.succeed(&former);
    let mut line = one.connection_for(Lane::Staff);
    assert!(tokio::time::timeout(STALL, line.ready()).await.is_err(), "two are open, and one may be");
    drop(lines.pop());
    assert!(tokio::time::timeout(STALL, line.ready()).await.is_err(), "one is open still");
    drop(lines.pop());
    line.ready().await.unwrap();
    three.succeed(&one);
    let mut more: Vec<_> = (0..3).map(|_| three.connection_for(Lane::Staff)).collect();
    for line in &mut more[..2] {
        line.ready().await.unwrap();
    }
    assert!(tokio::time::timeout(STALL, more[2].ready()).await.is_err(), "three are open");
    assert_eq!(fake.tell(|story| story.connections), 5);
}

#[tokio::test]
async fn letters_to_patients_of_two_couriers_leave_a_connection_to_staff_too() {
    let (fake, former) = with(2).await;
    let mut thinking = former.connection_for(Lane::Patients);
    thinking.ready().await.unwrap();
    let heir = courier(SmtpSettings::new(Smtp { connections: 2, ..server(&fake) }));
    heir.succeed(&former);
    let mut next = heir.connection_for(Lane::Patients);
    assert!(tokio::time::timeout(STALL, next.ready()).await.is_err(), "the last one is for staff");
    heir.connection_for(Lane::Staff).ready().await.unwrap();
    drop(thinking);
    next.ready().await.unwrap();
}
