/* openapi.h: the description of this API as OpenAPI 3.1, made of the rows of routes and of the records they name.
 *
 *     openapi.c          the document: operations, parameters, answers
 *     openapi_schema.c   a record as a schema, as an answer and as an input
 *     blu/describe.c     BluBilling's forms and parameters
 *
 * Nothing is described here that a table says. An answer's schema is called as its record, that of an input
 * "RECORD.input": inputs are closed, take null for "absent" and whole numbers where an answer has a decimal's text.
 * Private to http/ but for http_openapi (application.h).
 */
#ifndef MOONBILL_HTTP_OPENAPI_H
#define MOONBILL_HTTP_OPENAPI_H

#include "route.h"
#include "value/json.h"

enum { OPENAPI_RECORDS_MAX = 1000, OPENAPI_FORMS_MAX = 32 };

enum openapi_side { OPENAPI_ANSWER, OPENAPI_INPUT, OPENAPI_SIDES };

struct openapi {
	struct json_writer json;
	struct text_builder out;
	struct arena *arena;
	const struct http_router *router;
	/* What was referred to: its schemas follow at the end. In the order of records_all. */
	bool wanted[OPENAPI_SIDES][OPENAPI_RECORDS_MAX];
	bool kinds[KIND_RELATION + 1];
	const struct blu_form *forms[OPENAPI_FORMS_MAX];
	size_t form_count;
};

/* The document; the arena is exhausted when memory was. */
struct text openapi_text(const struct http_router *router, struct arena *arena);

/* ---- openapi_schema.c ---- */

void openapi_member(struct openapi *api, const char *name, const char *text);
void openapi_member_integer(struct openapi *api, const char *name, int64_t value);
/* "$ref": "#/components/PART/NAMESUFFIX", as a member. */
void openapi_ref(struct openapi *api, const char *part, const char *name, const char *suffix);
/* The schema of a record, by reference; it is wanted from now on. */
void openapi_record_ref(struct openapi *api, const struct record *record, enum openapi_side side);
/* The schema of one value of a field: its kind and limits, no more. An open object is written around it. */
void openapi_value(struct openapi *api, const struct record_field *field, enum openapi_side side, bool nullable);
/* Schemas of all that is wanted, and of the kinds of values: members of an open object. */
void openapi_schemas(struct openapi *api);

/* ---- blu/describe.c ---- */

/* The parameter's schema and description as members of an open object; false for a name that is not BluBilling's. */
bool blu_describe_parameter(struct openapi *api, struct text name);
/* The schema of a body: as JSON, with its root as the only member; as XML, the root itself. */
void blu_describe_body(struct openapi *api, const struct blu_form *form, bool xml);
/* Of an answer, by its root element. */
void blu_describe_answer(struct openapi *api, const char *root, bool xml);
/* Schemas of all forms that were referred to: members of an open object. */
void blu_describe_forms(struct openapi *api);

#endif
