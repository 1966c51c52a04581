//! What somebody has uploaded to lie under the areas, as far as it is seen.

use pushcast_engine::model::backdrop::Backdrop;

use super::land::Seen;
use crate::outline::{Corner, MapView};

/// Points of one drawing: more would make a page of megabytes.
const MAX_DRAWN_POINTS: usize = 10_000;

/// Its lines in a view. Points that lie so close together that nobody can tell them apart are one;
/// where there are too many to draw, those that lie farther apart are too.
pub(crate) fn path(backdrop: &Backdrop, view: MapView) -> String {
    let mut seen = Seen::of(view);
    let lines = lines(backdrop, &seen);
    loop {
        let thinned: Vec<(bool, Vec<Corner>)> = lines
            .iter()
            .map(|(closed, line)| (*closed, seen.thinned(line)))
            .filter(|(_, line)| line.len() > 1)
            .collect();
        let points: usize = thinned.iter().map(|(_, line)| line.len()).sum();
        // Lines of two points cannot become shorter, but are gone where both are one.
        if points <= MAX_DRAWN_POINTS {
            return thinned
                .iter()
                .map(|(closed, line)| match closed {
                    true => view.path(line),
                    false => view.path(line).replace('Z', ""),
                })
                .collect();
        }
        seen.fine *= 2.0;
    }
}

fn lines(backdrop: &Backdrop, seen: &Seen) -> Vec<(bool, Vec<Corner>)> {
    let corners = |line: &pushcast_engine::model::backdrop::BackdropLine| {
        let corner = |point: &pushcast_engine::model::backdrop::BackdropPoint| Corner {
            lat: point.latitude(),
            lon: point.longitude(),
        };
        (line.closed, line.points.iter().map(corner).collect())
    };
    let lines = backdrop.lines.iter().map(corners);
    lines
        .filter(|(_, line): &(bool, Vec<Corner>)| seen.any(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use pushcast_engine::model::backdrop::{BackdropLine, BackdropPoint};

    use super::*;

    fn view() -> MapView {
        let corner = |lat, lon| Corner { lat, lon };
        MapView::around(&[corner(50.0, 7.0), corner(51.0, 8.0)])
    }

    fn line(points: impl Iterator<Item = (f64, f64)>) -> BackdropLine {
        let point = |(lat, lon)| BackdropPoint::new(lat, lon).unwrap();
        BackdropLine {
            closed: false,
            points: points.map(point).collect(),
        }
    }

    fn drawn(lines: Vec<BackdropLine>) -> String {
        let backdrop = Backdrop {
            lines,
            ..Backdrop::default()
        };
        path(&backdrop, view())
    }

    #[test]
    fn lines_stay_open_and_what_is_elsewhere_is_left_out() {
        let river = line([(50.1, 7.1), (50.9, 7.9)].into_iter());
        let path = drawn(vec![river.clone()]);
        assert!(path.starts_with('M') && !path.contains('Z'), "{path}");
        let far = line([(-20.0, 100.0), (-21.0, 101.0)].into_iter());
        assert_eq!(drawn(vec![river.clone(), far]), path);
        let closed = BackdropLine {
            closed: true,
            ..river
        };
        assert!(drawn(vec![closed]).ends_with('Z'));
    }

    #[test]
    fn a_drawing_stays_small_however_many_points_there_are() {
        // A thousand lines that go up and down over the whole view, a hundred times each.
        let lines = (0..1_000).map(|number| {
            let shift = f64::from(number) / 1_000.0;
            let up_and_down = |step: u32| {
                let step = f64::from(step);
                (50.0 + step % 2.0 * 0.9 + shift * 0.1, 7.0 + step / 100.0)
            };
            line((0..100).map(up_and_down))
        });
        let path = drawn(lines.collect());
        assert!(
            !path.is_empty() && path.len() < 20 * MAX_DRAWN_POINTS,
            "{}",
            path.len()
        );
    }
}
