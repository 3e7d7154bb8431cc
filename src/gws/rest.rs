//! What an answer to a call of the GWS API says: done, refused and why, or that it is no answer of GWS.

use crate::bayeux::{Body, Field, RawMessage, Response};
use crate::text::{decimal, joined};

/// `statusCode` of a success.
const SUCCESS: u64 = 0;
/// `statusCode` of an internal error of GWS or of a server behind it.
const INTERNAL_ERROR: u64 = 4;
/// `statusCode` of a call for several things of which some were done.
const PARTIAL_SUCCESS: u64 = 7;
/// `statusCode` of something that can't be read now.
const CANNOT_RETRIEVE: u64 = 12;
/// Past this a number is no `statusCode`. GWS documents those up to 20.
const LARGEST: f64 = 1_000_000.0;

/// What an answer says. GWS page "Return Values": on an error nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call is accepted; its effect comes as a notification.
    Accepted,
    /// A part of it is.
    Partial,
    /// The caller is not logged in, and nothing was done.
    LoginWanted,
    /// A page for people. One may be a proxy's; several in a row are a login page.
    Page,
    /// The token against cross-site request forgery is missing or wrong, and nothing was done.
    TokenRefused,
    /// GWS refused, with this `statusCode`.
    Refused(u64),
    /// The HTTP status is an error, and GWS gives no reason.
    Http(u16),
    /// A success by its HTTP status, and no JSON.
    NotJson,
    /// JSON that lacks the member all answers of GWS have.
    NoStatusCode,
}

/// Judges an answer, by itself and by whether it refuses the token against cross-site request forgery.
pub fn judge<P: RawMessage>(response: &Response<P>, is_token_refused: bool) -> Verdict {
    let Response { status, body, .. } = response;
    let is_success = (200..300).contains(status);
    match (status_code(body), body) {
        (_, _) if is_token_refused => Verdict::TokenRefused,
        (_, _) if response.wants_login() => Verdict::LoginWanted,
        (Some(SUCCESS), _) if is_success => Verdict::Accepted,
        (Some(PARTIAL_SUCCESS), _) if is_success => Verdict::Partial,
        (Some(code), _) if code != SUCCESS => Verdict::Refused(code),
        (_, _) if !is_success => Verdict::Http(*status),
        (_, Body::NotJson { html: true }) => Verdict::Page,
        (_, Body::NotJson { html: false }) => Verdict::NotJson,
        (_, Body::Json(_)) => Verdict::NoStatusCode,
    }
}

fn status_code<P: RawMessage>(body: &Body<P>) -> Option<u64> {
    let Body::Json(body) = body else { return None };
    let number = body.number(Field::StatusCode)?;
    let whole = number as u64;
    ((0.0..LARGEST).contains(&number) && (number - whole as f64).abs() < f64::EPSILON).then_some(whole)
}

impl Verdict {
    /// The code of the error a caller gets.
    pub fn code(self) -> String {
        match self {
            Self::Accepted => String::new(),
            Self::Partial => joined(&["gws/", &decimal(PARTIAL_SUCCESS)]),
            Self::Refused(code) => joined(&["gws/", &decimal(code)]),
            Self::Http(status) => joined(&["http/", &decimal(status.into())]),
            Self::LoginWanted => "auth/required".to_owned(),
            Self::TokenRefused => "auth/csrf".to_owned(),
            Self::Page | Self::NotJson => "protocol/not-json".to_owned(),
            Self::NoStatusCode => "protocol/no-status-code".to_owned(),
        }
    }

    /// Whether the same call may succeed later and can't act twice: by what GWS documents, or because it only reads.
    pub const fn is_retryable(self, reads_only: bool) -> bool {
        match self {
            Self::Refused(code) => matches!(code, INTERNAL_ERROR | CANNOT_RETRIEVE),
            Self::Http(status) => status == 429 || (reads_only && status >= 500),
            Self::Page | Self::NotJson => reads_only,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::gws::csrf::is_csrf_refusal;
    use crate::json::Json;

    fn judged(status: u16, body: &str) -> Verdict {
        let parsed: Result<Value, _> = serde_json::from_str(body);
        let parsed = parsed.map_or(Body::NotJson { html: body.starts_with('<') }, |value| Body::Json(Json(value)));
        judge(&Response { status, body: parsed, retry_after: None }, is_csrf_refusal(status, body))
    }

    #[test]
    fn every_status_code_is_told_with_any_http_status() {
        for code in 1..=40 {
            let body = json!({ "statusCode": code, "statusMessage": "No" }).to_string();
            for status in [200, 201, 400, 403, 404, 409, 500, 503] {
                let expected = match code {
                    20 => Verdict::LoginWanted,
                    7 if status < 300 => Verdict::Partial,
                    _ => Verdict::Refused(code),
                };
                assert_eq!(judged(status, &body), expected, "{status} {body}");
            }
        }
        assert_eq!(judged(200, r#"{"statusCode":0}"#), Verdict::Accepted);
        assert_eq!(judged(201, r#"{"statusCode":0,"imSessions":[]}"#), Verdict::Accepted);
    }

    #[test]
    fn a_missing_login_has_many_faces() {
        for (status, body) in [
            (401, ""),
            (401, r#"{"statusCode":0}"#),
            (401, "<html>"),
            (403, r#"{"statusCode":20,"statusMessage":"Access denied"}"#),
            (0, ""),
            (302, "<html>"),
        ] {
            assert_eq!(judged(status, body), Verdict::LoginWanted, "{status} {body}");
        }
        assert_eq!(judged(200, "<!doctype html><title>Log in</title>"), Verdict::Page);
    }

    #[test]
    fn a_refused_token_is_no_missing_login() {
        assert_eq!(judged(403, "Missing or invalid Csrf token"), Verdict::TokenRefused);
        assert_eq!(judged(403, r#"{"statusCode":3,"statusMessage":"Missing or invalid CSRF token"}"#), Verdict::TokenRefused);
        assert_eq!(judged(403, "Forbidden"), Verdict::Http(403));
        assert_eq!(judged(403, r#"{"statusCode":3,"statusMessage":"Forbidden"}"#), Verdict::Refused(3));
    }

    #[test]
    fn what_is_no_answer_of_gws_is_named_by_what_it_lacks() {
        for (status, body, expected) in [
            (404, "<html>", Verdict::Http(404)),
            (500, "", Verdict::Http(500)),
            (500, r#"{"statusCode":0}"#, Verdict::Http(500)),
            (502, r#"{"error":"bad gateway"}"#, Verdict::Http(502)),
            (200, "", Verdict::NotJson),
            (204, "", Verdict::NotJson),
            (200, r#"{"statusCode":0"#, Verdict::NotJson),
            (200, "{}", Verdict::NoStatusCode),
            (200, "[]", Verdict::NoStatusCode),
            (200, "null", Verdict::NoStatusCode),
        ] {
            assert_eq!(judged(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn what_is_no_whole_number_is_no_status_code() {
        for ill in [r#""0""#, "null", "-1", "0.5", "1e300", "[0]", "true"] {
            let body = format!(r#"{{"statusCode":{ill}}}"#);
            assert_eq!(judged(200, &body), Verdict::NoStatusCode, "{body}");
            assert_eq!(judged(500, &body), Verdict::Http(500), "{body}");
        }
    }

    #[test]
    fn only_what_can_not_act_twice_is_worth_repeating() {
        let retryable = |verdict: Verdict| (verdict.is_retryable(true), verdict.is_retryable(false));
        for verdict in [Verdict::Refused(4), Verdict::Refused(12), Verdict::Http(429)] {
            assert_eq!(retryable(verdict), (true, true), "{verdict:?}");
        }
        for verdict in [Verdict::Http(500), Verdict::Http(503), Verdict::NotJson, Verdict::Page] {
            assert_eq!(retryable(verdict), (true, false), "{verdict:?}");
        }
        for verdict in [Verdict::Refused(2), Verdict::Refused(9), Verdict::Http(404), Verdict::NoStatusCode, Verdict::TokenRefused] {
            assert_eq!(retryable(verdict), (false, false), "{verdict:?}");
        }
    }

    #[test]
    fn codes_name_the_number() {
        for (verdict, code) in [
            (Verdict::Refused(2), "gws/2"),
            (Verdict::Partial, "gws/7"),
            (Verdict::Http(503), "http/503"),
            (Verdict::LoginWanted, "auth/required"),
            (Verdict::TokenRefused, "auth/csrf"),
            (Verdict::Page, "protocol/not-json"),
            (Verdict::NotJson, "protocol/not-json"),
            (Verdict::NoStatusCode, "protocol/no-status-code"),
        ] {
            assert_eq!(verdict.code(), code);
        }
    }
}
