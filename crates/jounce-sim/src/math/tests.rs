use super::*;

fn deviation(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    libm::sqrt(values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n)
}

#[test]
fn noise_has_the_deviation_it_says() {
    let mut noise = Noise::new(5, 1);
    let normal: Vec<f64> = (0..20_000).map(|_| noise.normal()).collect();
    assert!((deviation(&normal) - 1.0).abs() < 0.03);

    let mut slow = GaussMarkov::new(3.0, 2.0, &mut noise);
    let values: Vec<f64> = (0..200_000).map(|_| slow.step(0.1, &mut noise)).collect();
    assert!((deviation(&values) - 3.0).abs() < 0.15, "{}", deviation(&values));
    let steps: Vec<f64> = values.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(deviation(&steps) < 1.2, "neighbours belong together");

    let (hz, damping, dt_s) = (1.0, 0.5, 0.001);
    let drive = resonator_drive(hz, damping, dt_s);
    let mut mass = Resonator::default();
    let swings: Vec<f64> = (0..400_000)
        .map(|_| {
            mass.step(drive * noise.normal(), hz, damping, dt_s);
            mass.value
        })
        .collect();
    assert!((deviation(&swings) - 1.0).abs() < 0.1, "{}", deviation(&swings));
}

#[test]
fn streams_are_independent_and_repeatable() {
    let draw = |seed, stream| Noise::new(seed, stream).normal();
    assert!(draw(1, 1).to_bits() == draw(1, 1).to_bits());
    assert!(draw(1, 1).to_bits() != draw(1, 2).to_bits());
    assert!(draw(1, 1).to_bits() != draw(2, 1).to_bits());
}

#[test]
fn a_low_pass_keeps_what_is_slow_and_halves_the_power_at_its_cut_off() {
    let gain = |hz: f64| {
        let mut filter = LowPass3::new(20.0, 0.000_5);
        let mut peak = 0.0;
        for i in 0..4000 {
            let t = f64::from(i) * 0.000_5;
            let y = filter.step(Vector3::new(libm::sin(TAU * hz * t), 0.0, 9.81));
            assert!((y.z - 9.81).abs() < 1e-9);
            if t > 1.0 {
                peak = f64::max(peak, y.x);
            }
        }
        peak
    };
    assert!((gain(1.0) - 1.0).abs() < 0.01);
    assert!((gain(20.0) - core::f64::consts::FRAC_1_SQRT_2).abs() < 0.01);
    assert!(gain(100.0) < 0.05);
}

#[test]
fn quantised_values_print_short() {
    assert_eq!(quantise(9.806_65, 0.01).to_string(), "9.81");
    assert_eq!(quantise(0.3, 0.005).to_string(), "0.3");
    assert_eq!(quantise(52.123_456_78, 1e-7).to_string(), "52.1234568");
    assert_eq!(quantise(1.0 / 3.0, 0.0).to_string(), (1.0_f64 / 3.0).to_string());
}

#[test]
fn positions_there_and_back() {
    let origin = (52.0, 13.5);
    let (lat, lon) = lat_lon_deg(origin, 1234.0, -567.0);
    let (east, north) = east_north_m(origin, (lat, lon));
    assert!((east - 1234.0).abs() < 1e-6 && (north + 567.0).abs() < 1e-6);
}
