use std::{
    path::Path,
    sync::{Barrier, OnceLock, mpsc},
};

use jounce::{
    engine::Engine,
    event::{EventKind, Phase},
    sample::{GnssFix, Triad},
    time::Timestamp,
};

use super::*;
use crate::session::settings;

fn config() -> ValidConfig {
    settings("").expect("the defaults")
}

fn fixture(name: &str) -> Vec<Sample> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name).join("trace.csv");
    jounce_trace::open(&path).expect("a trace").samples
}

fn accel(ns: i64) -> Sample {
    Sample::Accel(Triad { t: Timestamp::from_ns(ns), x: 0.0, y: 0.0, z: 9.81 })
}

fn fix(ns: i64) -> Sample {
    Sample::Gnss(GnssFix { t: Timestamp::from_ns(ns), ..GnssFix::default() })
}

#[test]
fn what_comes_out_is_what_the_engine_says() {
    let samples = fixture("city-drive");
    let mut expected: Vec<Event> = Vec::new();
    let mut engine = Engine::new(config());
    for sample in &samples {
        engine.push(*sample, &mut expected);
    }
    engine.flush(&mut expected);
    let (sender, receiver) = mpsc::channel();
    let runtime = Runtime::start(config(), samples.len(), move |event: &Event| {
        let _ = sender.send(event.clone());
    })
    .expect("a thread");
    for batch in samples.chunks(100) {
        runtime.inlet().push(batch.iter().copied()).expect("it is open");
    }
    let inlet = runtime.inlet().clone();
    runtime.stop();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), expected);
    assert_eq!((inlet.counts(), inlet.push([accel(0)])), (Counts::default(), Err(Failure::Session)));
}

#[test]
fn a_clean_stop_still_decides_a_crash() {
    let samples = fixture("front-crash");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let for_listener = Arc::clone(&seen);
    let listener = move |event: &Event| lock(&for_listener).push((event.kind(), event.phase));
    let runtime = Runtime::start(config(), samples.len(), listener).expect("a thread");
    // Everything up to the moment of suspicion, and not one sample more.
    let mut engine = Engine::new(config());
    let mut events: Vec<Event> = Vec::new();
    let suspected = samples.iter().position(|sample| {
        engine.push(*sample, &mut events);
        events.iter().any(|event| event.phase == Phase::Suspected)
    });
    runtime.inlet().push(samples[..=suspected.expect("a crash")].iter().copied()).expect("it is open");
    runtime.stop();
    let crash: Vec<Phase> =
        lock(&seen).iter().filter(|(kind, _)| *kind == EventKind::Crash).map(|(_, phase)| *phase).collect();
    assert_eq!(crash[0], Phase::Suspected);
    assert_eq!(crash.len(), 2, "{crash:?}");
}

#[test]
fn when_full_the_oldest_inertial_sample_makes_room() {
    let mut queue = Queue::default();
    for ns in 0..4 {
        queue.put(if ns == 0 { fix(ns) } else { accel(ns) }, 4).expect("room");
    }
    queue.put(accel(4), 4).expect("room is made");
    queue.put(fix(5), 4).expect("room is made");
    let times = |queue: &Queue| queue.samples.iter().map(|sample| sample.t().ns()).collect::<Vec<_>>();
    assert_eq!((times(&queue), queue.counts.dropped), (vec![0, 3, 4, 5], 2));
    for ns in 6..20 {
        let _ = queue.put(fix(ns), 4);
    }
    queue.put(accel(20), 4).expect("it goes itself");
    assert_eq!((times(&queue)[..3].to_vec(), queue.samples.len(), queue.counts.dropped), (vec![0, 5, 6], 16, 5));
    assert!(matches!(queue.put(fix(21), 4), Err(Failure::Argument(_))));
}

#[test]
fn the_order_of_each_sender_is_kept() {
    let runtime = Runtime::start(config(), 100_000, |_: &Event| {}).expect("a thread");
    // The worker waits for the session while eight senders push.
    let held = lock(&runtime.inlet.0.session);
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for sender in 0..8 {
            let (inlet, barrier) = (runtime.inlet().clone(), &barrier);
            scope.spawn(move || {
                barrier.wait();
                for k in 0..500 {
                    inlet.push([accel(sender * 1_000_000 + k)]).expect("it is open");
                }
            });
        }
    });
    let queue = lock(&runtime.inlet.0.queue);
    for sender in 0..8 {
        let own: Vec<i64> = queue.samples.iter().map(|s| s.t().ns()).filter(|ns| ns / 1_000_000 == sender).collect();
        assert!(own.is_sorted() && own.len() > 400, "sender {sender}: {}", own.len());
    }
    drop((queue, held));
    runtime.stop();
}

#[test]
fn a_listener_may_call_back_in_and_may_panic() {
    let samples = fixture("city-drive");
    let inlet: Arc<OnceLock<Inlet>> = Arc::default();
    let for_listener = Arc::clone(&inlet);
    let runtime = Runtime::start(config(), samples.len() + 100, move |_: &Event| {
        let inlet = for_listener.get().expect("it was set before anything was pushed");
        inlet.with_session(|session| Ok(session.needs())).expect("it is sound");
        let _ = inlet.push([accel(0)]);
        let _ = inlet.counts();
        panic!("meant");
    })
    .expect("a thread");
    inlet.set(runtime.inlet().clone()).expect("once");
    runtime.inlet().push(samples).expect("it is open");
    runtime.stop();
    let inlet = inlet.get().expect("set");
    assert!(inlet.counts().listener_panics > 3, "{:?}", inlet.counts());
}

#[test]
fn a_fault_of_the_session_is_counted_until_it_is_reset() {
    let runtime = Runtime::start(config(), 1000, |_: &Event| {}).expect("a thread");
    let inlet = runtime.inlet().clone();
    assert_eq!(inlet.with_session(|_| -> Result<(), Failure> { panic!("meant") }), Err(Failure::Internal));
    inlet.push([accel(0)]).expect("it is open");
    while inlet.counts().unused == 0 {
        thread::yield_now();
    }
    inlet.reset();
    assert_eq!(inlet.with_session(|_| Ok(())), Ok(()));
    runtime.stop();
    assert_eq!(inlet.counts().unused, 1);
}
