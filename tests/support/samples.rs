//! Samples as preprocessing leaves them.

use std::path::Path;

use signal_studio_core::signal::Image;

use crate::write;

/// Width and height of an image.
const SIDE: usize = 16;

/// A square PNG of one channel, whose level goes by the row.
pub fn grey_image(side: usize, level: impl Fn(usize) -> u8) -> Vec<u8> {
    let pixels = (0..side * side).map(|pixel| level(pixel / side).wrapping_add((pixel * 7 % 37) as u8)).collect();
    Image { width: side, height: side, channels: 1, pixels }.encode_png().unwrap()
}

/// Makes a preprocessed folder of so many subjects in each split, an image each, brighter in the upper half for patients.
pub fn samples(folder: &Path, splits: [(&str, usize); 2]) {
    for (split, subjects) in splits {
        let mut table = "file_name,split,gender,health,age,subject\n".to_owned();
        for subject in 0..subjects {
            let name = format!("{split}/{subject}.png");
            let is_patient = subject / 2 % 2 == 0;
            let image = grey_image(SIDE, |row| if is_patient && row < SIDE / 2 { 200 } else { 90 });
            write(&folder.join(&name), image);
            let (gender, health) = (["M", "F"][subject % 2], if is_patient { "PD" } else { "H" });
            table += &format!("{name},{split},{gender},{health},{},{split}{subject}\n", 30 + subject);
        }
        write(&folder.join(format!("{split}-metadata.csv")), table);
    }
}
