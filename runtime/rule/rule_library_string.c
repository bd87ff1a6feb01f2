/* rule_library_string.c: byte char format len lower upper rep reverse sub; ASCII, charged by the bytes they make. */
#include "rule_library.h"

#include <stdio.h>

enum { STRING_BYTES_AT_ONCE = 250, FORMAT_NUMBER_BYTES = 500 };

/* ------------------------------------------------------------------------------------------------ parts of text */

static size_t start_of(lua_Integer place, size_t length)
{
	if (place > 0)
		return (size_t)place;
	if (place == 0 || place < -(lua_Integer)length)
		return 1;
	return length + (size_t)place + 1;
}

static size_t end_of(lua_Integer place, size_t length)
{
	if (place > (lua_Integer)length)
		return length;
	if (place >= 0)
		return (size_t)place;
	return place < -(lua_Integer)length ? 0 : length + (size_t)place + 1;
}

static int string_sub(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "sub");
	size_t from = start_of(rule_integer_argument(lua, 2, "sub"), text.length);
	size_t to = end_of(rule_integer_optional(lua, 3, -1, "sub"), text.length);
	if (from > to) {
		lua_pushliteral(lua, "");
		return 1;
	}
	rule_charge_bytes(lua, to - from + 1);
	lua_pushlstring(lua, text.data + from - 1, to - from + 1);
	return 1;
}

static int string_byte(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "byte");
	lua_Integer first = rule_integer_optional(lua, 2, 1, "byte");
	size_t from = start_of(first, text.length), to = end_of(rule_integer_optional(lua, 3, first, "byte"), text.length);
	if (from > to)
		return 0;
	size_t count = to - from + 1;
	if (count > STRING_BYTES_AT_ONCE || !lua_checkstack(lua, (int)count))
		return rule_error(lua, "byte: at most %d bytes at once", STRING_BYTES_AT_ONCE);
	rule_charge(lua, (int64_t)count);
	for (size_t i = from; i <= to; i++)
		lua_pushinteger(lua, (unsigned char)text.data[i - 1]);
	return (int)count;
}

static int string_char(lua_State *lua)
{
	int count = lua_gettop(lua);
	luaL_Buffer buffer;
	rule_charge(lua, count);
	char *bytes = luaL_buffinitsize(lua, &buffer, (size_t)count + 1);
	for (int i = 1; i <= count; i++) {
		lua_Integer byte = rule_integer_argument(lua, i, "char");
		if (byte < 0 || byte > 255)
			return rule_error(lua, "char: argument %d is not 0 to 255", i);
		bytes[i - 1] = (char)byte;
	}
	luaL_pushresultsize(&buffer, (size_t)count);
	return 1;
}

static int string_len(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)rule_text_argument(lua, 1, "len").length);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ whole texts */

static char byte_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

static char byte_upper(char byte)
{
	return byte >= 'a' && byte <= 'z' ? (char)(byte - 32) : byte;
}

static int map_bytes(lua_State *lua, const char *function, char (*map)(char))
{
	struct text text = rule_text_argument(lua, 1, function);
	luaL_Buffer buffer;
	rule_charge_bytes(lua, text.length);
	char *bytes = luaL_buffinitsize(lua, &buffer, text.length + 1);
	for (size_t i = 0; i < text.length; i++)
		bytes[i] = map(text.data[i]);
	luaL_pushresultsize(&buffer, text.length);
	return 1;
}

static int string_lower(lua_State *lua)
{
	return map_bytes(lua, "lower", byte_lower);
}

static int string_upper(lua_State *lua)
{
	return map_bytes(lua, "upper", byte_upper);
}

static int string_reverse(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "reverse");
	luaL_Buffer buffer;
	rule_charge_bytes(lua, text.length);
	char *bytes = luaL_buffinitsize(lua, &buffer, text.length + 1);
	for (size_t i = 0; i < text.length; i++)
		bytes[i] = text.data[text.length - 1 - i];
	luaL_pushresultsize(&buffer, text.length);
	return 1;
}

/* The count is charged even where nothing is made: Lua's own loops for ever over the empty text. */
static int string_rep(lua_State *lua)
{
	struct text text = rule_text_argument(lua, 1, "rep");
	lua_Integer count = rule_integer_argument(lua, 2, "rep");
	struct text separator = lua_isnoneornil(lua, 3) ? TEXT("") : rule_text_argument(lua, 3, "rep");
	size_t piece = text.length + separator.length, whole;
	if (count <= 0 || piece == 0) {
		lua_pushliteral(lua, "");
		return 1;
	}
	if (__builtin_mul_overflow(piece, (size_t)count, &whole) || whole > RULE_MEMORY_BYTES_DEFAULT)
		return rule_error(lua, "rep: the text would be longer than %d bytes", RULE_MEMORY_BYTES_DEFAULT);
	whole -= separator.length;
	rule_charge(lua, count + (int64_t)(whole / RULE_FUEL_BYTES));
	luaL_Buffer buffer;
	luaL_buffinitsize(lua, &buffer, whole + 1);
	for (lua_Integer i = 0; i < count; i++) {
		luaL_addlstring(&buffer, text.data, text.length);
		if (i + 1 < count)
			luaL_addlstring(&buffer, separator.data, separator.length);
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ format */

/* One conversion: %[-+ 0][width][.precision]letter; width and precision at most 99. */
struct conversion {
	bool left, plus, blank, zero;
	int width, precision; /* precision -1: none given */
	char letter;
};

static int digits_read(struct text format, size_t *at)
{
	int value = 0, count = 0;
	for (; *at < format.length && format.data[*at] >= '0' && format.data[*at] <= '9' && count < 3; count++)
		value = value * 10 + format.data[(*at)++] - '0';
	return value;
}

static struct conversion conversion_read(lua_State *lua, struct text format, size_t *at)
{
	struct conversion conversion = { .precision = -1 };
	size_t from = *at;
	for (bool flag = true; flag && *at < format.length; *at += flag) {
		char byte = format.data[*at];
		conversion.left |= byte == '-';
		conversion.plus |= byte == '+';
		conversion.blank |= byte == ' ';
		conversion.zero |= byte == '0';
		flag = byte == '-' || byte == '+' || byte == ' ' || byte == '0';
	}
	conversion.width = digits_read(format, at);
	if (*at < format.length && format.data[*at] == '.') {
		++*at;
		conversion.precision = digits_read(format, at);
	}
	if (conversion.width > 99 || conversion.precision > 99)
		rule_error(lua, "format: width and precision are at most 99");
	conversion.letter = *at < format.length ? format.data[(*at)++] : '\0';
	if (conversion.letter == '\0' || !strchr("cdisxXofeEgG", conversion.letter))
		rule_error(lua, "format: '%%%.*s' is not available (c d i s x X o f e E g G are)",
		           TEXT_ARG(text_slice(format, from, *at)));
	return conversion;
}

static void add_many(luaL_Buffer *buffer, char byte, size_t count)
{
	while (count-- > 0)
		luaL_addchar(buffer, byte);
}

/* `sign` ("", "-", "+", " ") and body, padded to the width; zeros stand between the two. */
static void add_padded(luaL_Buffer *buffer, const struct conversion *conversion, const char *sign, struct text body,
                       bool zeros)
{
	size_t length = strlen(sign) + body.length, width = (size_t)conversion->width;
	size_t missing = width > length ? width - length : 0;
	bool by_zeros = zeros && conversion->zero && !conversion->left;
	if (!by_zeros && !conversion->left)
		add_many(buffer, ' ', missing);
	luaL_addstring(buffer, sign);
	if (by_zeros)
		add_many(buffer, '0', missing);
	luaL_addlstring(buffer, body.data, body.length);
	if (conversion->left)
		add_many(buffer, ' ', missing);
}

static const char *sign_of(const struct conversion *conversion, bool negative)
{
	return negative ? "-" : conversion->plus ? "+" : conversion->blank ? " " : "";
}

static lua_Integer format_integer(lua_State *lua, int index, char letter)
{
	int fits = 0;
	lua_Integer value = lua_type(lua, index) == LUA_TNUMBER ? lua_tointegerx(lua, index, &fits) : 0;
	if (!fits)
		rule_error(lua, "format: %%%c needs a whole number, not %s%s", letter, rule_value_text(lua, index),
		           rule_kind_at(lua, index) ? "; use %s" : "");
	return value;
}

static void add_integer(lua_State *lua, luaL_Buffer *buffer, const struct conversion *conversion, lua_Integer value)
{
	char digits[FORMAT_NUMBER_BYTES];
	int precision = conversion->precision < 0 ? 1 : conversion->precision;
	bool is_signed = conversion->letter == 'd' || conversion->letter == 'i';
	unsigned long long bits = is_signed && value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
	(void)lua;
	if (conversion->letter == 'x')
		snprintf(digits, sizeof digits, "%.*llx", precision, bits);
	else if (conversion->letter == 'X')
		snprintf(digits, sizeof digits, "%.*llX", precision, bits);
	else if (conversion->letter == 'o')
		snprintf(digits, sizeof digits, "%.*llo", precision, bits);
	else
		snprintf(digits, sizeof digits, "%.*llu", precision, bits);
	add_padded(buffer, conversion, is_signed ? sign_of(conversion, value < 0) : "", text_of(digits),
	           conversion->precision < 0);
}

static void add_float(lua_State *lua, luaL_Buffer *buffer, const struct conversion *conversion, int index)
{
	if (lua_type(lua, index) != LUA_TNUMBER)
		rule_error(lua, "format: %%%c needs a number, not %s%s", conversion->letter, rule_value_text(lua, index),
		           rule_kind_at(lua, index) ? "; use %s" : "");
	char digits[FORMAT_NUMBER_BYTES];
	lua_Number value = lua_tonumber(lua, index);
	int precision = conversion->precision < 0 ? 6 : conversion->precision;
	bool negative = __builtin_signbit(value);
	rule_charge_number_text(lua, index, precision);
	lua_Number size = negative ? -value : value;
	switch (conversion->letter) {
	case 'f':
		snprintf(digits, sizeof digits, "%.*f", precision, size);
		break;
	case 'e':
		snprintf(digits, sizeof digits, "%.*e", precision, size);
		break;
	case 'E':
		snprintf(digits, sizeof digits, "%.*E", precision, size);
		break;
	case 'g':
		snprintf(digits, sizeof digits, "%.*g", precision, size);
		break;
	default:
		snprintf(digits, sizeof digits, "%.*G", precision, size);
	}
	add_padded(buffer, conversion, sign_of(conversion, negative), text_of(digits), true);
}

/* The text is pushed above the buffer's own slot: it goes in at once when it is added as a whole. */
static void add_text(lua_State *lua, luaL_Buffer *buffer, const struct conversion *conversion, int index)
{
	struct text text = rule_push_text(lua, index);
	lua_replace(lua, index); /* keeps it alive below the buffer */
	rule_charge_bytes(lua, text.length);
	if (conversion->precision >= 0 && (size_t)conversion->precision < text.length)
		text.length = (size_t)conversion->precision;
	add_padded(buffer, conversion, "", text, false);
}

static void add_conversion(lua_State *lua, luaL_Buffer *buffer, const struct conversion *conversion, int index)
{
	switch (conversion->letter) {
	case 's':
		add_text(lua, buffer, conversion, index);
		break;
	case 'c': {
		char byte = (char)format_integer(lua, index, 'c');
		add_padded(buffer, conversion, "", (struct text){ &byte, 1 }, false);
		break;
	}
	case 'd':
	case 'i':
	case 'x':
	case 'X':
	case 'o':
		add_integer(lua, buffer, conversion, format_integer(lua, index, conversion->letter));
		break;
	default:
		add_float(lua, buffer, conversion, index);
	}
}

static int string_format(lua_State *lua)
{
	struct text format = rule_text_argument(lua, 1, "format");
	int argument = 1, count = lua_gettop(lua);
	luaL_Buffer buffer;
	rule_charge_bytes(lua, format.length);
	luaL_buffinit(lua, &buffer);
	for (size_t at = 0; at < format.length; ) {
		char byte = format.data[at++];
		if (byte != '%') {
			luaL_addchar(&buffer, byte);
		} else if (at < format.length && format.data[at] == '%') {
			luaL_addchar(&buffer, '%');
			at++;
		} else {
			struct conversion conversion = conversion_read(lua, format, &at);
			if (++argument > count)
				return rule_error(lua, "format: there is no argument for '%%%c'", conversion.letter);
			rule_charge(lua, RULE_FUEL_NUMBER_TEXT);
			add_conversion(lua, &buffer, &conversion, argument);
		}
	}
	luaL_pushresult(&buffer);
	return 1;
}

static const luaL_Reg string_functions[] = {
	{ "byte", string_byte },       { "char", string_char },   { "format", string_format }, { "len", string_len },
	{ "lower", string_lower },     { "rep", string_rep },     { "reverse", string_reverse }, { "sub", string_sub },
	{ "upper", string_upper },     { NULL, NULL },
};

void rule_library_string_open(lua_State *lua)
{
	lua_createtable(lua, 0, 16);
	luaL_setfuncs(lua, string_functions, 0);
	rule_pattern_open(lua);
}
