//! rsigma's linter over a folder: a line of JSON for each finding.
use rsigma_parser::lint::lint_yaml_directory;
use serde_json::json;
use std::path::Path;

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let results = lint_yaml_directory(Path::new(&folder)).expect("a folder that can be read");
    for result in &results {
        for found in &result.warnings {
            let line = json!({
                "file": result.path.file_name().map(|name| name.to_string_lossy()),
                "rule": found.rule.to_string(),
                "severity": found.severity.to_string(),
                "message": found.message,
                "path": found.path,
            });
            println!("{line}");
        }
    }
    eprintln!("{} files", results.len());
}
