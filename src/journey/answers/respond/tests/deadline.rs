//! She is told what to do in time, whatever hangs behind.

use super::*;

#[test]
fn whoever_waits_for_a_store_that_hangs_is_told_in_time_and_what_is_stored_after_all_rings() {
    let several = tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap();
    let fixture = several.block_on(async { fixture(triage()) });
    let token = fixture.form();
    let (ends, end) = std::sync::mpsc::channel::<()>();
    // Another change waits for its disk, and the page behind it.
    let hangs = move |_: &mut Tx<'_>| -> Result<(), StoreError> {
        assert!(end.recv().is_err(), "it ends with the sender");
        Ok(())
    };
    fixture.clinic.store.write_then(Stamp::daemon(due()), hangs, |_, _| {});
    let alone =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let sent = alone.block_on(respond(&fixture.clinic, due(), page(&token, "a", RED)));
    assert!(matches!(sent, Err(StepError::Store(fault)) if fault.is_busy()));
    assert!(alerts(&fixture).is_empty());
    drop(ends);
    let rung = fixture.clinic.bells.alerts.clone();
    alone.block_on(rung.notified());
    assert_eq!((responses(&fixture).len(), alerts(&fixture).len()), (1, 1));
}
