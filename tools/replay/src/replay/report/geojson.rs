//! An event a point, as one `GeoJSON` collection.

use std::io::{self, Write};

use jounce::event::Position;
use serde::Serialize;

use super::Scope;
use crate::replay::run::Replayed;

#[derive(Debug)]
pub(super) struct Geojson {
    scope: Scope,
    is_first: bool,
}

#[derive(Debug, Serialize)]
struct Feature<P> {
    r#type: &'static str,
    geometry: Option<Point>,
    properties: P,
}

#[derive(Debug, Serialize)]
struct Point {
    r#type: &'static str,
    /// Longitude first, as RFC 7946 wants it.
    coordinates: [f64; 2],
}

impl<P> Feature<P> {
    fn new(position: Option<Position>, properties: P) -> Self {
        let point = |p: Position| Point { r#type: "Point", coordinates: [p.lon_deg, p.lat_deg] };
        Self { r#type: "Feature", geometry: position.map(point), properties }
    }
}

impl Geojson {
    pub(super) fn begin(scope: Scope, out: &mut impl Write) -> io::Result<Self> {
        write!(out, r#"{{"type":"FeatureCollection","features":["#)?;
        Ok(Self { scope, is_first: true })
    }

    pub(super) fn trace(&mut self, out: &mut impl Write, replayed: &Replayed) -> anyhow::Result<()> {
        let scope = self.scope;
        for event in scope.events(replayed) {
            self.feature(out, &Feature::new(event.event.position, event))?;
        }
        // Where a candidate was dismissed is not kept.
        for dismissal in scope.dismissals(replayed) {
            self.feature(out, &Feature::new(None, dismissal))?;
        }
        Ok(())
    }

    fn feature(&mut self, out: &mut impl Write, feature: &impl Serialize) -> anyhow::Result<()> {
        out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        serde_json::to_writer(out, feature)?;
        Ok(())
    }

    pub(super) fn end(out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "\n]}}")
    }
}
