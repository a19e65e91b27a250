//! One JSON request a line, `{"text": rules, "events": [...]}`; one answer a line: which events match.
use rsigma_eval::event::JsonEvent;
use rsigma_eval::Engine;
use rsigma_parser::parse_sigma_yaml;
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

fn answer(request: &Value) -> Result<Value, String> {
    let text = request["text"].as_str().ok_or("no text")?;
    let collection = parse_sigma_yaml(text).map_err(|error| error.to_string())?;
    if !collection.errors.is_empty() {
        return Err(format!("{:?}", collection.errors));
    }
    let mut engine = Engine::new();
    engine.add_collection(&collection).map_err(|error| error.to_string())?;
    let events = request["events"].as_array().ok_or("no events")?;
    let matches: Vec<usize> = events
        .iter()
        .enumerate()
        .filter(|(_, event)| !engine.evaluate(&JsonEvent::borrow(event)).is_empty())
        .map(|(index, _)| index)
        .collect();
    Ok(json!({ "matches": matches }))
}

fn main() {
    let mut out = io::stdout();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let reply = answer(&request).unwrap_or_else(|error| json!({ "error": error }));
        writeln!(out, "{reply}").expect("standard output");
        out.flush().expect("standard output");
    }
}
