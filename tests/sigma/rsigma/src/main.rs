//! One JSON request a line, one answer a line.
//! `{"text": rules, "events": [...]}`: which events match.
//! `{"text": correlations, "streams": [[[time, event], ...], ...]}`: of each stream, which groups of the
//! correlation `title` complete. Times are whole numbers in the unit of the time spans.
use rsigma_eval::event::JsonEvent;
use rsigma_eval::{CorrelationConfig, CorrelationEngine, Engine};
use rsigma_parser::{parse_sigma_yaml, SigmaCollection};
use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

fn matched(collection: &SigmaCollection, request: &Value) -> Result<Value, String> {
    let mut engine = Engine::new();
    engine.add_collection(collection).map_err(|error| error.to_string())?;
    let events = request["events"].as_array().ok_or("no events")?;
    let matches: Vec<usize> = events
        .iter()
        .enumerate()
        .filter(|(_, event)| !engine.evaluate(&JsonEvent::borrow(event)).is_empty())
        .map(|(index, _)| index)
        .collect();
    Ok(json!({ "matches": matches }))
}

fn completed(collection: &SigmaCollection, title: &str, stream: &Value) -> Result<Value, String> {
    let mut engine = CorrelationEngine::new(CorrelationConfig::default());
    engine.add_collection(collection).map_err(|error| error.to_string())?;
    let mut groups = Vec::new();
    for item in stream.as_array().ok_or("no stream")? {
        let time = item[0].as_i64().ok_or("no time")?;
        for result in engine.process_event_at(&JsonEvent::borrow(&item[1]), time) {
            if let Some(body) = result.as_correlation() {
                if result.header.rule_title == title {
                    groups.push(body.group_key.clone());
                }
            }
        }
    }
    Ok(json!(groups))
}

fn answer(request: &Value) -> Result<Value, String> {
    let text = request["text"].as_str().ok_or("no text")?;
    let collection = parse_sigma_yaml(text).map_err(|error| error.to_string())?;
    if !collection.errors.is_empty() {
        return Err(format!("{:?}", collection.errors));
    }
    let Some(streams) = request["streams"].as_array() else {
        return matched(&collection, request);
    };
    let title = request["title"].as_str().ok_or("no title")?;
    let groups: Result<Vec<Value>, String> =
        streams.iter().map(|stream| completed(&collection, title, stream)).collect();
    Ok(json!({ "groups": groups? }))
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
