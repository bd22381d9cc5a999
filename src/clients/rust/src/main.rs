//! One client library, a crate: clients LIBRARY URL. Prints a line for each event that it is given: its type, its id and its data,
//! with a tab between them. reqwest-eventsource parses with eventsource-stream.

use futures::StreamExt;
use std::time::Duration;

fn show(kind: &str, id: &str, data: &str) {
    println!("{}\t{}\t{}", if kind.is_empty() { "message" } else { kind }, id, data);
}

async fn reqwest(url: &str) {
    use reqwest_eventsource::{Event, EventSource};
    let mut source = EventSource::get(url);
    while let Some(next) = source.next().await {
        if let Ok(Event::Message(event)) = next {
            show(&event.event, &event.id, &event.data);
        }
    }
}

async fn launchdarkly(url: &str) {
    use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
    let reconnect = ReconnectOptions::reconnect(true).retry_initial(true).delay(Duration::from_millis(500)).build();
    let client = ClientBuilder::for_url(url).unwrap().reconnect(reconnect).build_http();
    let mut stream = client.stream();
    while let Some(next) = stream.next().await {
        if let Ok(SSE::Event(event)) = next {
            show(&event.event_type, &event.id.unwrap_or_default(), &event.data);
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments[1].as_str() {
        "reqwest-eventsource" => reqwest(&arguments[2]).await,
        "eventsource-client-rs" => launchdarkly(&arguments[2]).await,
        other => panic!("{}", other),
    }
}
