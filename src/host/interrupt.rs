//! Ctrl-C, a hang-up or a polite kill while a program of a playbook works: the program ends first, its
//! checkout goes, and then overhaul ends as it was told to.
//!
//! Every other moment is fit for a kill, so where no program works, signals do what they do anywhere.
//! A signal that whoever started overhaul had ignored (`nohup`) stays so.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use rustix::process::Signal;
use signal_hook::flag::{register_conditional_default, register_usize};
use signal_hook::low_level::emulate_default_handler;

/// No program works: a signal ends overhaul where it stands.
static IDLE: AtomicBool = AtomicBool::new(true);
/// The signal that came while a program worked; 0 where none did.
static CAUGHT: AtomicUsize = AtomicUsize::new(0);
/// How many programs work, each with its checkout.
static AT_WORK: Mutex<usize> = Mutex::new(0);
static WATCH: Once = Once::new();

/// Holds signals back: there is something to be taken away before overhaul may end.
#[derive(Debug)]
pub(super) struct Shield(());

impl Shield {
    pub(super) fn raise() -> Self {
        WATCH.call_once(watch);
        let mut count = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        IDLE.store(false, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        let mut count = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
        *count -= 1;
        if *count == 0 {
            IDLE.store(true, Ordering::SeqCst);
        }
    }
}

/// Tells whether a signal came that was held back: what is at work should end.
#[must_use]
pub fn is_interrupted() -> bool {
    CAUGHT.load(Ordering::SeqCst) != 0
}

/// Ends this process by the signal that was held back, where there is one.
pub fn end_where_interrupted() {
    if let Ok(signal @ 1..) = i32::try_from(CAUGHT.load(Ordering::SeqCst)) {
        // It only comes back where there is no such signal.
        let _ = emulate_default_handler(signal);
    }
}

fn watch() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let number = signal.as_raw();
        if is_ignored(number) {
            continue;
        }
        // What cannot be caught does what it does anywhere.
        let _ = register_conditional_default(number, &IDLE)
            .and_then(|_| register_usize(number, &CAUGHT, number.unsigned_abs() as usize));
    }
}

/// Tells whether a signal is ignored, as far as the system says so.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}
