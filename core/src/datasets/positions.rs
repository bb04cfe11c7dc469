//! Where electrodes are: the 10-10 system on a sphere (Oostenveld & Praamstra 2001, doi 10.1016/S1388-2457(00)00527-7). It
//! is built as a technician builds it: in steps of a tenth from the nasion to the inion and from ear to ear, then along the
//! arcs between the midline and the ring of the lowest electrodes.
//!
//! Directions are to the right, to the front and upwards, from the centre of the head.

use std::f64::consts::PI;

use super::channel_labels::scalp_place;
use crate::signal::Direction;

/// A tenth of the way from the nasion over the vertex to the inion.
const STEP: f64 = PI / 10.0;
/// Rows of electrodes, from front to back, with the tenths from the nasion at which they cross the midline.
const ROWS: [(&[&str], f64); 11] = [
    (&["N"], 0.0),
    (&["FP"], 1.0),
    (&["AF"], 2.0),
    (&["F"], 3.0),
    (&["FC", "FT"], 4.0),
    (&["C", "T"], 5.0),
    (&["CP", "TP"], 6.0),
    (&["P"], 7.0),
    (&["PO"], 8.0),
    (&["O"], 9.0),
    (&["I"], 10.0),
];

/// Where the electrode of a channel is, by its label; `None` for what is at no known position on the scalp.
pub(super) fn position_of(label: &str) -> Option<Direction> {
    let (letters, number) = scalp_place(label)?;
    let (names, tenths) = ROWS.iter().find(|(names, _)| names.contains(&letters.as_str()))?;
    let on_ring = |number: u8| ring(*tenths, number);
    if number == 0 {
        return (names[0] == letters).then(|| midline(*tenths));
    }
    let is_temporal = names.len() > 1 && names[1] == letters;
    match (names[0], number) {
        // The ends of the ring, where there are no arcs.
        ("N" | "FP" | "O" | "I", 1 | 2) => Some(end(*tenths, number)),
        ("N" | "FP" | "O" | "I", _) => None,
        (_, 7..=10) if is_temporal || names.len() == 1 => Some(on_ring(number)),
        (_, 1..=6) if !is_temporal => {
            let outer = on_ring(if number % 2 == 1 { 7 } else { 8 });
            Some(along(midline(*tenths), outer, f64::from(number.div_ceil(2)) / 4.0))
        }
        _ => None,
    }
}

/// On the midline, so many tenths from the nasion.
fn midline(tenths: f64) -> Direction {
    let angle = tenths * STEP;
    [0.0, angle.cos(), angle.sin()]
}

/// On the ring a tenth above the plane through nasion, inion and ears, or in that plane for 9 and 10; odd numbers are on
/// the left.
fn ring(tenths: f64, number: u8) -> Direction {
    around(tenths, number, if number >= 9 { 0.0 } else { STEP })
}

/// The two beside the ends of the ring: half a step from them.
fn end(tenths: f64, number: u8) -> Direction {
    let is_front = tenths < 5.0;
    let elevation = if tenths == 0.0 || tenths == 10.0 { 0.0 } else { STEP };
    around(if is_front { 1.0 } else { 9.0 }, number, elevation)
}

/// So many tenths of the way round from the front, at an elevation.
fn around(tenths: f64, number: u8, elevation: f64) -> Direction {
    let angle = tenths * STEP;
    let side = if number % 2 == 1 { -1.0 } else { 1.0 };
    [side * angle.sin() * elevation.cos(), angle.cos() * elevation.cos(), elevation.sin()]
}

/// A share of the way from the midline to the ring, on the circle that goes on to the other side's electrode.
fn along(middle: Direction, outer: Direction, share: f64) -> Direction {
    let other = [-outer[0], outer[1], outer[2]];
    // The centre is on the line from the middle to the midpoint of the two outer ones, which are mirror images.
    let foot = [0.0, outer[1], outer[2]];
    let height = distance(middle, foot);
    let half = distance(outer, other) / 2.0;
    let radius = (height * height + half * half) / (2.0 * height);
    let down: Direction = std::array::from_fn(|axis| (foot[axis] - middle[axis]) / height);
    let angle = share * (half / radius).clamp(-1.0, 1.0).atan2((radius - height) / radius);
    let side = outer[0].signum();
    std::array::from_fn(|axis| {
        let sideways = if axis == 0 { side * radius * angle.sin() } else { 0.0 };
        middle[axis] + down[axis] * radius * (1.0 - angle.cos()) + sideways
    })
}

fn distance(a: Direction, b: Direction) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coordinates that are published with the 10-05 system, to four places.
    #[test]
    fn positions_are_those_of_the_10_10_system() {
        for (label, expected) in [
            ("Cz", [0.0, 0.0, 1.0]),
            ("EEG Fp1", [-0.2939, 0.9045, 0.3090]),
            ("Fpz", [0.0, 0.9511, 0.3090]),
            ("AF4", [0.3130, 0.7986, 0.5142]),
            ("F3", [-0.4591, 0.5800, 0.6730]),
            ("F5", [-0.6408, 0.5708, 0.5135]),
            ("F7", [-0.7695, 0.5590, 0.3090]),
            ("FC1", [-0.2911, 0.3079, 0.9058]),
            ("FT10", [0.9511, 0.3090, 0.0]),
            ("C5", [-0.8090, 0.0, 0.5878]),
            ("T3", [-0.9511, 0.0, 0.3090]),
            ("T8-REF", [0.9511, 0.0, 0.3090]),
            ("T6", [0.7695, -0.5590, 0.3090]),
            ("CP6", [0.7658, -0.3000, 0.5688]),
            ("TP7", [-0.9045, -0.2939, 0.3090]),
            ("Pz", [0.0, -0.5878, 0.8090]),
            ("PO9", [-0.5878, -0.8090, 0.0]),
            ("O2", [0.2939, -0.9045, 0.3090]),
            ("Oz", [0.0, -0.9511, 0.3090]),
            ("Iz", [0.0, -1.0, 0.0]),
            ("I1", [-0.3090, -0.9511, 0.0]),
        ] {
            let found = position_of(label).unwrap_or_else(|| panic!("{label} has no position"));
            let difference = distance(found, expected);
            assert!(difference < 2e-4, "{label}: {found:?}");
        }
    }

    #[test]
    fn what_is_elsewhere_has_no_position() {
        for label in ["A2-A1", "A1", "M2", "EOG", "E17", "Fp3", "FT1", "FTz", "C9", "T1", "O7"] {
            assert_eq!(position_of(label), None, "{label}");
        }
    }
}
