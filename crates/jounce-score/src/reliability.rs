//! Whether what is said with a confidence of 0.9 is true nine times in ten.

use crate::share::Share;

/// Events by the confidence with which they were reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reliability {
    buckets: [Sum; Reliability::BUCKETS],
    squares: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    share: Share,
    said: f64,
}

/// Events whose confidence lay between two values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// From this confidence …
    pub from: f64,
    /// … to below this one (to 1 inclusive).
    pub to: f64,
    /// Mean of the confidences; none where there are no events.
    pub said: Option<f64>,
    /// How many of the events were right.
    pub was: Share,
}

impl Reliability {
    const BUCKETS: usize = 7;
    /// Finer where detectors are surer.
    const FROM: [f64; Self::BUCKETS] = [0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

    /// An event reported with `confidence`, right or not.
    pub(crate) fn add(&mut self, confidence: f64, is_right: bool) {
        let at = Self::FROM.iter().rposition(|from| confidence >= *from).unwrap_or(0);
        if let Some(sum) = self.buckets.get_mut(at) {
            sum.share.right += u32::from(is_right);
            sum.share.of += 1;
            sum.said += confidence;
        }
        let off = confidence - f64::from(u8::from(is_right));
        self.squares += off * off;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (sum, more) in self.buckets.iter_mut().zip(other.buckets) {
            sum.share.right += more.share.right;
            sum.share.of += more.share.of;
            sum.said += more.said;
        }
        self.squares += other.squares;
    }

    /// From the least to the most confident.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        let ends = Self::FROM.into_iter().skip(1).chain([1.0]);
        self.buckets.iter().zip(Self::FROM).zip(ends).map(|((sum, from), to)| Bucket {
            from,
            to,
            said: (sum.share.of > 0).then(|| sum.said / f64::from(sum.share.of)),
            was: sum.share,
        })
    }

    /// Mean squared difference of confidence and outcome (Brier 1950); none of nothing.
    pub fn brier(&self) -> Option<f64> {
        let of: u32 = self.buckets.iter().map(|sum| sum.share.of).sum();
        (of > 0).then(|| self.squares / f64::from(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_counts_where_its_confidence_belongs() {
        let mut reliability = Reliability::default();
        for (confidence, is_right) in [(0.2, false), (0.9, true), (0.94, true), (0.9, false), (1.0, true)] {
            reliability.add(confidence, is_right);
        }
        let mut twice = reliability.clone();
        twice.merge(&reliability);
        let buckets: Vec<Bucket> = reliability.buckets().collect();
        let told: Vec<_> = buckets.iter().map(|bucket| (bucket.was.right, bucket.was.of)).collect();
        assert_eq!(told, [(0, 1), (0, 0), (0, 0), (0, 0), (0, 0), (2, 3), (1, 1)]);
        let nine = buckets[5];
        assert!((nine.said.expect("some") - 0.9133).abs() < 1e-4 && nine.from < nine.to, "{nine:?}");
        let brier = reliability.brier().expect("some");
        assert!((brier - (0.04 + 0.01 + 0.0036 + 0.81) / 5.0).abs() < 1e-12);
        assert!((twice.brier().expect("some") - brier).abs() < 1e-12);
        assert_eq!((buckets[1].said, Reliability::default().brier()), (None, None));
    }
}
