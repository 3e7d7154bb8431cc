//! One HTTP request: made with gloo-net, sent by the face's `fetch`, its answer parsed by the browser.

use gloo_net::http::{Headers, Method, RequestBuilder};
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCredentials, RequestRedirect};

use super::json::{self, Json};
use super::members::member;
use super::sys::Host;
use crate::bayeux::{Response, TransportFailure};
use crate::gws::{CsrfToken, is_csrf_refusal};

/// What a request needs beside its address.
pub(super) struct Envelope {
    pub(super) host: Host,
    pub(super) credentials: RequestCredentials,
    pub(super) csrf: Option<CsrfToken>,
    pub(super) keepalive: bool,
    pub(super) signal: AbortSignal,
}

/// An answer with the headers the driver reads.
pub(super) struct Answer {
    pub(super) response: Response<Json>,
    /// The body as it came.
    pub(super) text: JsString,
    pub(super) headers: web_sys::Headers,
}

impl Answer {
    /// Whether the token against cross-site request forgery was refused. No other text is copied: the memory of WebAssembly never shrinks.
    pub(super) fn is_token_refused(&self) -> bool {
        let status = self.response.status;
        status == 403 && is_csrf_refusal(status, &String::from(&self.text))
    }

    /// The token that it tells.
    pub(super) fn token(&self) -> Option<CsrfToken> {
        CsrfToken::read(|name| self.headers.get(name).ok().flatten())
    }
}

/// What is asked of the server.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    /// JSON
    pub(super) body: Option<JsString>,
}

impl Call {
    pub(super) fn get(url: &str) -> Self {
        Self { method: Method::GET, url: url.to_owned(), body: None }
    }
}

/// Sends `call`, with the token where GWS wants one.
pub(super) async fn send(envelope: &Envelope, call: &Call) -> Result<Answer, TransportFailure> {
    let headers = caller_headers(envelope, &call.url, call.method.as_str()).await.ok_or(TransportFailure::Refused)?;
    if let Some(token) = envelope.csrf.as_ref().filter(|_| call.method != Method::GET) {
        headers.set(token.header(), token.token());
    }
    let builder = RequestBuilder::new(&call.url)
        .method(call.method.clone())
        .headers(headers)
        .credentials(envelope.credentials)
        // A redirect leads to a login page; following it would hide that.
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&envelope.signal));
    let request = match &call.body {
        Some(body) => builder.header("Content-Type", "application/json;charset=UTF-8").body(body),
        None => builder.build(),
    };
    let request: web_sys::Request = request.map_err(|_| TransportFailure::Refused)?.into();
    let promise = envelope.host.fetch(&request, envelope.keepalive).map_err(|_| TransportFailure::Refused)?;
    let response = settled(promise).await.filter(JsValue::is_object).ok_or(TransportFailure::Network)?;
    read(&response).await
}

/// The caller's headers; `None` when the caller's function failed.
async fn caller_headers(envelope: &Envelope, url: &str, method: &str) -> Option<Headers> {
    let headers = envelope.host.headers(method, url, &envelope.signal).ok()?;
    let headers = settled(Promise::resolve(&headers)).await?;
    Some(Headers::from_raw(headers.dyn_into().ok()?))
}

/// Reads a response by its members, each checked: the one of another frame's fetch, or of a caller's own, has another class.
async fn read(response: &JsValue) -> Result<Answer, TransportFailure> {
    let named = |name: &str| member(response, &JsString::from(name));
    if named("type") == "opaqueredirect" {
        return Err(TransportFailure::Redirect);
    }
    let status = named("status").as_f64().ok_or(TransportFailure::Network)? as u16;
    let headers: web_sys::Headers = named("headers").unchecked_into();
    let retry_after = headers.get("Retry-After").ok().flatten().and_then(|value| retry_after(&value));
    let promise = response.unchecked_ref::<web_sys::Response>().text().map_err(|_| TransportFailure::Network)?;
    let text: JsString = settled(promise).await.and_then(|value| value.dyn_into().ok()).ok_or(TransportFailure::Network)?;
    Ok(Answer { response: Response { status, body: json::parse(&text), retry_after }, text, headers })
}

/// What the promise resolves with.
async fn settled(promise: Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let millis = js_sys::Date::parse(value) - js_sys::Date::now();
    (millis > 0.0).then_some(millis as u64)
}
