//! What the driver does over HTTP: requests of the core, and calls of the GWS API on the same login and token.

use std::rc::Rc;

use gloo_net::http::Method;
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::Driver;
use crate::bayeux::{Body, ConnectionType, Input, Outgoing, RequestId, Response, TransportFailure};
use crate::browser::fetch::{self, Answer, Call, Envelope};
use crate::browser::{json, report};
use crate::gws::CsrfToken;

impl Driver {
    pub(super) fn request(&self, request: RequestId, url: String, messages: &[Outgoing], keepalive: bool) {
        let body = json::compose(messages).map(|(array, text)| {
            self.show_frame(true, ConnectionType::LongPolling, &array);
            text
        });
        match body {
            Some(body) => self.send(request, Call { method: Method::POST, url, body: Some(body) }, keepalive),
            None => self.feed(Input::RequestFailed { request, failure: TransportFailure::Refused }),
        }
    }

    /// Touches the login.
    pub(super) fn touch(&self, request: RequestId) {
        self.send(request, Call::get(&self.options.me_url), false);
    }

    fn send(&self, request: RequestId, call: Call, keepalive: bool) {
        // A listener of frames may have released this.
        if self.released.get() {
            return;
        }
        let Ok(controller) = AbortController::new() else {
            return self.feed(Input::RequestFailed { request, failure: TransportFailure::Refused });
        };
        let envelope = self.envelope(controller.signal(), keepalive);
        self.requests.borrow_mut().push((request, controller));
        let me = self.me.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let result = fetch::send(&envelope, &call).await;
            if let Some(driver) = me.upgrade() {
                let result = driver.with_token(envelope, &call, result).await;
                driver.landed(request, result, call.body.is_some());
            }
        });
    }

    /// Makes a call of the GWS API; resolves with what its answer says, or with why there is none.
    pub(in crate::browser) fn call(self: &Rc<Self>, call: Call, signal: AbortSignal) -> Promise {
        let driver = Rc::clone(self);
        let envelope = self.envelope(signal, false);
        wasm_bindgen_futures::future_to_promise(async move {
            let result = fetch::send(&envelope, &call).await;
            let result = driver.with_token(envelope, &call, result).await;
            Ok(report::rest(&result, call.method == Method::GET))
        })
    }

    /// Where an answer refuses the token against cross-site request forgery, reads the token again from the answer to a GET and repeats the
    /// request, once. GWS judges the token before the login: when that GET is refused, its answer counts. When it has none, or tells no token
    /// and the caller has none either, the request stays refused.
    async fn with_token(
        &self,
        mut envelope: Envelope,
        call: &Call,
        result: Result<Answer, TransportFailure>,
    ) -> Result<Answer, TransportFailure> {
        let answer = result?;
        self.read_token(&answer);
        if call.method == Method::GET || self.csrf.borrow().is_off() || !answer.is_token_refused() {
            return Ok(answer);
        }
        self.forget_token();
        let told = match fetch::send(&envelope, &Call::get(&self.options.me_url)).await {
            // What was refused has not acted: that is known, also when nothing more is.
            Err(TransportFailure::Network) => return Ok(answer),
            told => told?,
        };
        envelope.csrf = self.read_token(&told);
        if told.response.status != 200 {
            return Ok(told);
        }
        if envelope.csrf.is_none() && !self.csrf.borrow().is_given() {
            return Ok(answer);
        }
        let repeated = fetch::send(&envelope, call).await?;
        self.read_token(&repeated);
        Ok(repeated)
    }

    fn envelope(&self, signal: AbortSignal, keepalive: bool) -> Envelope {
        let csrf = self.csrf.borrow().token().cloned();
        Envelope { host: self.host.clone(), credentials: self.options.credentials, csrf, keepalive, signal }
    }

    pub(super) fn abort(&self, request: RequestId) {
        if let Some(controller) = self.forget_request(request) {
            controller.abort();
        }
    }

    fn forget_request(&self, request: RequestId) -> Option<AbortController> {
        let mut requests = self.requests.borrow_mut();
        let index = requests.iter().position(|(known, _)| *known == request)?;
        Some(requests.swap_remove(index).1)
    }

    /// A request came to its end. One that was aborted meanwhile is not known any more.
    fn landed(&self, request: RequestId, result: Result<Answer, TransportFailure>, carried_messages: bool) {
        if self.forget_request(request).is_none() {
            return;
        }
        match result {
            Ok(answer) if answer.is_token_refused() => self.feed(Input::RequestFailed { request, failure: TransportFailure::TokenRefused }),
            Ok(answer) => self.answered(request, answer.response, carried_messages),
            Err(failure) => self.feed(Input::RequestFailed { request, failure }),
        }
    }

    fn answered(&self, request: RequestId, response: Response<json::Json>, carried_messages: bool) {
        let mut refusal = JsValue::UNDEFINED;
        if let Body::Json(body) = &response.body {
            if carried_messages {
                self.show_frame(false, ConnectionType::LongPolling, &body.0);
            }
            if response.status != 200 {
                refusal = body.0.clone();
            }
        }
        self.refusal.replace(refusal);
        self.feed(Input::Response { request, response });
    }

    /// The token that an answer tells.
    fn read_token(&self, answer: &Answer) -> Option<CsrfToken> {
        // With nothing borrowed: the headers may be of a caller's own making, and run its code.
        let token = answer.token();
        self.csrf.borrow_mut().told(token.as_ref());
        token
    }

    /// The login the token belonged to is over.
    pub(in crate::browser) fn forget_token(&self) {
        self.csrf.borrow_mut().forget();
    }
}
