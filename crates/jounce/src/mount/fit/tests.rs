use core::f64::consts::PI;

use super::*;
use crate::testing::Noise;

fn bell(noise: &mut Noise) -> Complex<f64> {
    Complex::new(noise.bell(), noise.bell())
}

/// A fit of `count` observations of a mount turned by `yaw`, with noise on what is felt.
fn fit(yaw: f64, offset: Complex<f64>, count: u32, spread: f64, noise: &mut Noise) -> Fit {
    let mut fit = Fit::default();
    for _ in 0..count {
        let did = bell(noise) * 1.5;
        fit.observe(did * Complex::new(libm::cos(yaw), libm::sin(yaw)) + offset + bell(noise) * spread, did, 1.0);
    }
    fit
}

fn off(found: f64, yaw: f64) -> f64 {
    crate::attitude::wrap(found - yaw).abs()
}

#[test]
fn yaw_is_exact_without_noise_whatever_the_offset() {
    let mut noise = Noise(4);
    for tenths in -31..=31 {
        let yaw = 0.1 * f64::from(tenths);
        let (found, sigma) = fit(yaw, Complex::new(0.7, -1.2), 20, 0.0, &mut noise).yaw().unwrap();
        assert!(off(found, yaw) < 1e-9, "{found}, true {yaw}");
        assert!(sigma >= SYSTEMATIC_RAD, "never surer than the model is");
    }
}

#[test]
fn the_standard_deviation_is_the_scatter() {
    for (count, spread) in [(8, 0.3), (20, 0.6), (100, 1.0)] {
        let mut noise = Noise(9);
        let (mut squares, mut variance) = (0.0, 0.0);
        for _ in 0..300 {
            let (found, sigma) = fit(PI, Complex::new(0.0, 0.0), count, spread, &mut noise).yaw().unwrap();
            squares += off(found, PI) * off(found, PI);
            variance += sigma * sigma;
        }
        let ratio = squares / variance;
        // The prior keeps a few quiet observations from looking surer than they are.
        assert!((0.1..1.2).contains(&ratio), "{count} observations ± {spread}: {ratio}");
    }
}

#[test]
fn few_or_unrelated_observations_tell_nothing() {
    let mut noise = Noise(6);
    assert_eq!(Fit::default().yaw(), None);
    assert_eq!(fit(0.5, Complex::new(0.0, 0.0), 4, 0.0, &mut noise).yaw(), None);
    let mut unrelated = Fit::default();
    let mut still = Fit::default();
    for _ in 0..200 {
        unrelated.observe(bell(&mut noise), bell(&mut noise), 1.0);
        still.observe(bell(&mut noise), Complex::new(0.0, 0.0), 1.0);
    }
    assert_eq!(unrelated.yaw(), None);
    assert_eq!(still.yaw(), None);
}

#[test]
fn the_old_counts_less_than_the_new() {
    let mut noise = Noise(2);
    let mut fit = fit(0.0, Complex::new(0.0, 0.0), 200, 0.1, &mut noise);
    for _ in 0..200 {
        fit.scale(0.97);
        let did = bell(&mut noise);
        fit.observe(did * Complex::new(0.0, 1.0), did, 1.0);
    }
    assert!(off(fit.yaw().unwrap().0, PI / 2.0) < 0.05);
}

#[test]
fn a_hill_is_taken_off_as_a_trend() {
    let mut trend = Trend::default();
    let hill = Complex::new(0.9, 0.2);
    let mut left = hill;
    for _ in 0..60 {
        (left, _) = trend.remove(hill, Complex::new(0.0, 0.0), 1.0);
    }
    assert!(left.norm_sqr() < 4e-4);
    let (felt, did) = trend.remove(hill + Complex::new(3.0, 0.0), Complex::new(3.0, 0.0), 1.0);
    assert!((felt - did).norm_sqr() < 4e-4, "both sides are treated alike");
}

/// What was felt and done in the second up to `t`: a vehicle that speeds up and slows down.
fn second(t: f64) -> Complex<f64> {
    let v = |t: f64| 4.0 * libm::sin(t * 0.7) + 2.0 * libm::sin(t * 1.9);
    Complex::new(v(t) - v(t - 1.0), 0.0)
}

#[test]
fn a_delay_counts_only_after_enough_change_of_speed() {
    let config = MountConfig::default();
    let mut fit = DelayFit::new(&config);
    let initial = fit.delay_s();
    // The prior, cut off at zero.
    assert!((config.initial_gnss_delay_s..1.0).contains(&initial) && !fit.is_known());
    for i in 0..100 {
        // Standing, but shaken.
        let t = f64::from(i);
        fit.observe(|delay_s| Some((second(t - delay_s) * 0.1, Complex::new(0.0, 0.0))), 1.0);
    }
    assert!(!fit.is_known() && (fit.delay_s() - initial).abs() < 1e-12);
    for i in 0..100 {
        let t = f64::from(i);
        fit.observe(|delay_s| Some((second(t - delay_s), second(t - 0.85))), 1.0);
    }
    assert!(fit.is_known() && (fit.delay_s() - 0.85).abs() < 0.05, "{}", fit.delay_s());
    assert!(fit.yaw().is_some_and(|(yaw, _)| off(yaw, 0.0) < 0.05));
    // The phone is moved: the receiver stays the same.
    fit.forget_yaw();
    assert!(fit.is_known() && (fit.delay_s() - 0.85).abs() < 0.05);
    assert_eq!(fit.yaw(), None);
}

#[test]
fn any_limit_on_the_delay_is_kept() {
    for max_gnss_delay_s in [0.0, 0.05, 0.3, 2.0, 5.0] {
        let config = MountConfig { max_gnss_delay_s, initial_gnss_delay_s: 3.0, ..MountConfig::default() };
        let mut fit = DelayFit::new(&config);
        for i in 0..100 {
            let t = f64::from(i);
            fit.observe(|delay_s| Some((second(t - delay_s), second(t - 1.0))), 1.0);
            fit.scale(1.0 - 1.0 / MountConfig::default().memory_s);
            let _ = fit.yaw();
        }
        if fit.is_known() {
            assert!(fit.delay_s() <= max_gnss_delay_s + DELAY_STEP_S, "{}", fit.delay_s());
        }
    }
}
