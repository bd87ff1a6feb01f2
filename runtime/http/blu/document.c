/* document.c: one description of an answer, written as XML or as JSON. */
#include "blu.h"

static bool in_array(const struct blu_writer *writer)
{
	return writer->depth > 0 && writer->array[writer->depth - 1];
}

static void element_open(struct blu_writer *writer, const char *name, bool array)
{
	if (writer->depth == BLU_DEPTH_MAX)
		BUG("a document is nested deeper than %d", BLU_DEPTH_MAX);
	if (!writer->json) {
		xml_open(&writer->xml, name);
	} else {
		if (writer->depth == 0)
			json_begin_object(&writer->js);
		if (!in_array(writer))
			json_name(&writer->js, name);
		if (array)
			json_begin_array(&writer->js);
		else
			json_begin_object(&writer->js);
	}
	writer->array[writer->depth++] = array;
}

void blu_open(struct blu_writer *writer, const char *name)
{
	element_open(writer, name, false);
}

void blu_open_list(struct blu_writer *writer, const char *name)
{
	element_open(writer, name, true);
}

void blu_close(struct blu_writer *writer)
{
	bool array = writer->array[--writer->depth];
	if (!writer->json) {
		xml_close(&writer->xml);
		return;
	}
	if (array)
		json_end_array(&writer->js);
	else
		json_end_object(&writer->js);
	if (writer->depth == 0)
		json_end_object(&writer->js);
}

void blu_id(struct blu_writer *writer, int64_t id)
{
	if (writer->json) {
		json_name(&writer->js, "id");
		json_integer(&writer->js, id);
	} else {
		xml_put_attribute(&writer->xml, "id", text_from_int64(writer->out.arena, id));
	}
}

/* ---- values ---- */

void blu_text(struct blu_writer *writer, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	if (!writer->json) {
		xml_element(&writer->xml, name, text);
		return;
	}
	json_name(&writer->js, name);
	json_string(&writer->js, text);
}

void blu_c(struct blu_writer *writer, const char *name, const char *terminated)
{
	blu_text(writer, name, text_of(terminated));
}

void blu_integer(struct blu_writer *writer, const char *name, int64_t value)
{
	if (!writer->json) {
		xml_element(&writer->xml, name, text_from_int64(writer->out.arena, value));
		return;
	}
	json_name(&writer->js, name);
	json_integer(&writer->js, value);
}

void blu_boolean(struct blu_writer *writer, const char *name, bool value)
{
	if (!writer->json) {
		xml_element(&writer->xml, name, value ? TEXT("true") : TEXT("false"));
		return;
	}
	json_name(&writer->js, name);
	json_boolean(&writer->js, value);
}

void blu_money(struct blu_writer *writer, const char *name, struct money money)
{
	if (money_present(money))
		blu_text(writer, name, money_amount_text(writer->out.arena, money));
}

void blu_date(struct blu_writer *writer, const char *name, struct date date)
{
	if (date_present(date))
		blu_text(writer, name, date_text(writer->out.arena, date));
}

void blu_last_day(struct blu_writer *writer, const char *name, struct date end)
{
	if (date_present(end))
		blu_date(writer, name, date_add_days(end, -1));
}

void blu_decimal(struct blu_writer *writer, const char *name, struct decimal decimal, int places)
{
	struct decimal shown = decimal_canonical(decimal);
	if (shown.scale < places)
		decimal_round(shown, places, ROUNDING_HALF_UP, &shown); /* to more places: exact */
	blu_text(writer, name, decimal_text(writer->out.arena, shown));
}

void blu_reference(struct blu_writer *writer, const char *name, int64_t id)
{
	if (!id)
		return;
	blu_open(writer, name);
	blu_id(writer, id);
	blu_close(writer);
}

void blu_currency(struct blu_writer *writer, const struct currency *currency)
{
	if (!currency)
		return;
	blu_open(writer, "currency");
	if (writer->json) {
		json_name(&writer->js, "id");
		json_c(&writer->js, currency->code);
	} else {
		xml_put_attribute(&writer->xml, "id", text_of(currency->code));
	}
	blu_close(writer);
}
