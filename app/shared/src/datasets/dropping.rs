//! What a person has dropped or picked, as one thing with a title, and its files by their paths below it.

/// Sorts files by path, and takes the one folder that holds them all off their paths: it is the title. Without one the
/// first folder or file gives it. Nothing comes of nothing.
#[must_use]
pub fn rooted<F>(mut files: Vec<(String, F)>) -> Option<(String, Vec<(String, F)>)> {
    files.retain(|(path, _)| !is_litter(path));
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let first = files.first()?.0.clone();
    let Some((folder, _)) = first.split_once('/') else { return Some((first, files)) };
    let below = format!("{folder}/");
    if files.iter().all(|(path, _)| path.starts_with(&below)) {
        for (path, _) in &mut files {
            path.drain(..below.len());
        }
    }
    Some((folder.to_owned(), files))
}

/// Whether it is what a desktop leaves in folders (`.DS_Store`, `._sub-01.edf`), and nobody's recording.
fn is_litter(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Option<(String, Vec<String>)> {
        let (title, files) = rooted(paths.iter().map(|path| ((*path).to_owned(), ())).collect())?;
        Some((title, files.into_iter().map(|(path, ())| path).collect()))
    }

    fn title_and_paths(title: &str, paths: &[&str]) -> Option<(String, Vec<String>)> {
        Some((title.to_owned(), paths.iter().map(|path| (*path).to_owned()).collect()))
    }

    #[test]
    fn a_folder_gives_the_title_and_leaves_the_paths() {
        let dropped = of(&["ward/sub-02/b.edf", "ward/participants.tsv", "ward/sub-01/a.edf", "ward/.DS_Store"]);
        assert_eq!(dropped, title_and_paths("ward", &["participants.tsv", "sub-01/a.edf", "sub-02/b.edf"]));
    }

    #[test]
    fn several_things_keep_their_paths() {
        assert_eq!(of(&["ward/a.edf", "b.edf"]), title_and_paths("b.edf", &["b.edf", "ward/a.edf"]));
        assert_eq!(of(&["ward/a.edf", "ward-2/b.edf"]), title_and_paths("ward-2", &["ward-2/b.edf", "ward/a.edf"]));
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["ward/._a.edf"]), None);
    }
}
