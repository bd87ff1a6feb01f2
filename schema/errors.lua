-- errors.lua: every problem code: its name, its HTTP status, what it is called and what to do about it.
--
-- From this table the build writes errors.gen.h (enum problem_code) and errors.gen.c (names, statuses,
-- titles and remedies). A title is one line without a full stop; a remedy is a short imperative sentence.
-- The order is the order of the enum; it is never stored, the name is.

return {
  -- the document as a whole
  { "malformed", 400, "The document cannot be read", "Send a well-formed document of the announced content type." },
  { "method_not_allowed", 405, "The method is not allowed here", "Use one of the methods named in the Allow header." },
  { "not_acceptable", 406, "The answer has no such representation", "Ask for application/json or application/xml." },
  { "length_required", 411, "The request has no length", "Send a Content-Length header." },
  { "payload_too_large", 413, "The body is too large", "Send less at once; split the work over several requests." },
  { "uri_too_long", 414, "The address is too long", "Shorten the path and the query string." },
  { "unsupported_media", 415, "The content type is not supported", "Send application/json or the type named in the documentation." },
  { "header_too_large", 431, "The header is too large", "Send fewer or shorter header fields." },
  { "bad_request", 400, "The request is not valid", "Read the message and send a corrected request." },
  { "bad_parameter", 400, "A parameter of the query string is not valid", "Correct the parameter or leave it out." },
  { "bad_cursor", 400, "The cursor is not valid", "Start again without a cursor." },
  { "unsupported_version", 422, "The version is not supported", "Use a version that this program understands." },

  -- fields
  { "unknown_field", 422, "The field is unknown", "Remove the field or correct its name." },
  { "wrong_type", 422, "The value has the wrong type", "Send a value of the documented type." },
  { "missing_field", 422, "A required field is missing", "Give the field a value." },
  { "read_only_field", 422, "The field cannot be written", "Leave the field out." },
  { "out_of_range", 422, "The value is out of range", "Choose a value within the limits." },
  { "too_short", 422, "The text is too short", "Give a longer text." },
  { "too_long", 422, "The text is too long", "Shorten the text." },
  { "too_few", 422, "The list has too few items", "Give more items." },
  { "too_many", 422, "There are too many items", "Send fewer items." },
  { "too_deep", 422, "The document is nested too deeply", "Nest fewer levels." },
  { "unknown_choice", 422, "The value is not one of the choices", "Use one of the documented words." },
  { "bad_text", 422, "The text holds bytes that are not allowed", "Send valid UTF-8 without control characters." },
  { "bad_integer", 422, "The value is not a whole number", "Write a whole number without blanks or a point." },
  { "bad_uuid", 422, "The value is not a UUID", "Write the 36-character form." },
  { "bad_date", 422, "The date is not valid", "Write an existing date as YYYY-MM-DD." },
  { "bad_instant", 422, "The instant is not valid", "Write the instant as in 2011-09-06T15:00:00Z." },
  { "bad_duration", 422, "The duration is not valid", "Write an ISO 8601 duration such as P1M or PT15M." },
  { "bad_timezone", 422, "The time zone is unknown", "Use an IANA name such as Europe/Paris, UTC or an offset such as +03:00." },
  { "bad_period", 422, "The period is not valid", "Let the period end after its start." },
  { "bad_decimal", 422, "The decimal is not valid", "Write digits with an optional point, for example 12.50." },
  { "too_many_decimals", 422, "The amount has too many decimals", "Write no more decimals than the currency has." },
  { "unknown_currency", 422, "The currency is unknown", "Use an ISO 4217 code in upper case." },
  { "currency_mismatch", 422, "The currencies differ", "Use one currency throughout." },
  { "invalid_value", 422, "The value does not fit", "Correct the value." },
  { "invalid_combination", 422, "The fields do not fit together", "Give one of the documented combinations of fields." },
  { "overflow", 422, "The number is too large to compute with", "Use smaller amounts, quantities or rates." },

  -- what is addressed, and its state
  { "not_found", 404, "It does not exist", "Check the identifier and the tenant." },
  { "gone", 410, "It no longer exists", "Use what has replaced it." },
  { "duplicate", 409, "It exists already", "Use the existing one or choose another name." },
  { "conflict", 409, "It was changed in the meantime", "Read it again and repeat the request." },
  { "wrong_state", 409, "It is in a state that does not allow this", "Bring it into the required state first." },
  { "subscription_destroyed", 409, "Its service was removed", "Order it anew." },
  { "locked", 409, "It is in use by another process", "End the other process or wait until it is done." },
  { "in_use", 409, "Something else still needs it", "Remove what refers to it first." },
  { "precondition_failed", 412, "The version given is not the current one", "Read it again and use its present ETag." },
  { "insufficient_balance", 422, "The balance does not suffice", "Use a smaller amount or add funds first." },

  -- who may
  { "unauthorized", 401, "Credentials are missing or wrong", "Send a valid API key." },
  { "forbidden", 403, "The key does not permit this", "Use a key with the required scope." },
  { "too_many_requests", 429, "Too many requests", "Wait for the time named in Retry-After and repeat." },
  { "bad_signature", 401, "The signature is not valid", "Sign the exact bytes with the current secret." },

  -- idempotency
  { "bad_idempotency_key", 400, "The idempotency key is not valid", "Send 1 to 255 printable ASCII characters." },
  { "idempotency_mismatch", 422, "The idempotency key was used with another request", "Use a new key for a new request." },
  { "idempotency_in_use", 409, "A request with this idempotency key is under way", "Wait for its answer and repeat." },

  -- rules and bundles
  { "rejected", 422, "A rule rejected it", "Read the rule's message." },
  { "rule_overtakes", 422, "A rule changed what the command was changing", "Let a post rule command it: it runs when the change is done." },
  { "rule_failed", 422, "A rule failed", "Correct the rule named in the cause and deploy it again." },
  { "rule_load", 422, "A rule cannot be loaded", "Correct the file and line named in the cause." },
  { "rule_fuel", 422, "A rule used up its fuel", "Let the rule do less." },
  { "rule_memory", 422, "A rule used up its memory", "Let the rule keep less at once." },
  { "rule_depth", 422, "Rules called commands too deeply", "Break the circle of commands and rules." },
  { "cause_ended", 422, "Nothing more may follow from this cause", "Break the circle of rules, or raise the setting effects.per_cause." },
  { "rule_amount", 422, "Rules called too many commands at once", "Let a post rule or a task command them: they run one by one afterwards." },
  { "bundle_invalid", 422, "The bundle is not valid", "Correct the problems listed and deploy again." },
  { "no_handler", 422, "No rule handles it", "Deploy a bundle with a task rule of this name, or correct the handler." },
  { "check_failed", 422, "A check failed", "Compare the expected value with the one found." },
  { "catalog_invalid", 422, "The catalog is not valid", "Correct the plan as the message says." },
  { "template_failed", 422, "A template failed", "Correct the template named in the cause." },

  -- names of the engine
  { "unknown_command", 422, "The command is unknown", "Use a command from the reference." },
  { "unknown_event", 422, "The event is unknown", "Use an event from the reference." },
  { "unknown_policy", 422, "The policy is unknown", "Use a kind of policy from the reference." },
  { "unknown_plan", 422, "The plan is unknown", "Use a plan of the active catalog." },
  { "unknown_charge", 422, "The charge is unknown", "Use a charge of the plan." },
  { "unknown_component", 422, "The component is unknown", "Use a component of the active catalog." },
  { "unknown_product", 422, "The product is unknown", "Use a product of the active catalog." },
  { "unknown_coupon", 422, "The coupon is unknown", "Use the code of a coupon that can be redeemed." },
  { "unknown_tag", 422, "The tag is unknown", "Define it first, or use one of GET /v1/tag_definitions." },
  { "unknown_convention", 422, "The convention is unknown", "Use a convention from the reference." },

  -- the world outside
  { "payment_declined", 422, "The payment was declined", "Use another payment method." },
  { "gateway_failed", 502, "The gateway failed", "Try again later; the payment is settled by asking the gateway." },
  { "secret_sealed", 503, "A secret cannot be read", "Give the file that has its key in secrets_key_file, and start the server again." },
  { "delivery_failed", 502, "The delivery failed", "Check that the endpoint answers with a status of 2xx." },
  { "timeout", 504, "It took too long", "Repeat the request with the same idempotency key." },

  -- the machine
  { "out_of_memory", 503, "Memory ran out", "Try again later or send less at once." },
  { "busy", 503, "The server is busy", "Try again after a short wait." },
  { "not_ready", 503, "The server is not ready", "Send requests to another server, or wait and ask again." },
  { "read_only", 503, "The store is read-only", "Wait until maintenance has ended and repeat." },
  { "store_failed", 503, "The store failed", "Check disk and database, then repeat with the same idempotency key." },
  { "store_full", 507, "The store is full", "Free disk space, then repeat with the same idempotency key." },
  { "commit_unknown", 503, "The outcome of the commit is unknown", "Repeat the request with the same idempotency key." },
  { "migration_failed", 503, "The store cannot be brought to this version", "Restore a backup or run the newer program." },
  { "verify_failed", 500, "An invariant of the store does not hold", "Keep the store as it is and report what verify printed." },
  { "not_implemented", 501, "It is not implemented", "Use another way named in the reference." },
  { "internal", 500, "The server made an error", "Report the request id to the operator." },
  { "io_failed", 500, "A file or socket failed", "Check the path, the permissions and the free space." },

  -- the command line
  { "usage", 400, "The command line is not valid", "Run the command with --help." },
  { "config_invalid", 422, "The configuration is not valid", "Correct the setting named." },
}
