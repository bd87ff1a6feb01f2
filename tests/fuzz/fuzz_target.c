/* fuzz_target.c: request targets: path and query string as they come off the wire. */
#include "fuzz.h"

#include "http/request.h"

static bool is_clean(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return text_utf8_valid(text);
}

static void parse(struct fuzz *fuzz)
{
	struct http_target target;
	if (!http_target_parse(fuzz->input, &fuzz->arena, &fuzz->problems, &target)) {
		FUZZ_CHECK(fuzz->problems.count == 1);
		return;
	}
	FUZZ_CHECK(fuzz->problems.count == 0);
	FUZZ_CHECK(target.segment_count <= HTTP_SEGMENTS_MAX && target.parameter_count <= HTTP_PARAMETERS_MAX);
	for (size_t i = 0; i < target.segment_count; i++)
		FUZZ_CHECK(is_clean(target.segments[i]));
	for (size_t i = 0; i < target.parameter_count; i++) {
		const struct http_field *parameter = &target.parameters[i];
		FUZZ_CHECK(is_clean(parameter->name) && is_clean(parameter->value));
		struct text found = http_parameter(&target, text_c(&fuzz->arena, parameter->name));
		FUZZ_CHECK(text_present(found) && text_equals(found, parameter->value));
	}
}

FUZZ_TARGET(parse)
