/* rule_price.h: what things cost, in units of fuel. Private to runtime/rule.
 *
 * A unit is the time of one instruction of Lua under the count hook, about 5 ns. Whatever a rule spends its fuel on takes at most
 * some three times as long as instructions of the same price (tests/rules/test_rule_price.c measures each). docs/rules.md tells
 * the prices in these words, which the same test reads.
 *
 * Memory has two prices. An object (text, table, function, value) is paid for by the run that makes it. What tables and buffers grow
 * by depends on where keys fall, which differs from state to state once keys were removed; so it is no part of a run's fuel, which
 * is the same each time, and counts against what all rules of the command have together.
 */
#ifndef MOONBILL_RULE_RULE_PRICE_H
#define MOONBILL_RULE_RULE_PRICE_H

#define RULE_PRICES(PRICE)                                                                                                   \
	PRICE(RULE_FUEL_CALL, 10, "a function of the library, and each argument it looks at")                                \
	PRICE(RULE_FUEL_FIELD, 15, "a look at a record, a list or `ctx`; the first at a field twice")                        \
	PRICE(RULE_FUEL_VALUE, 15, "an operation on money, decimals, dates, periods, durations or instants")                 \
	PRICE(RULE_FUEL_EXACT, 30, "one on exact fractions; a multiplication or division of them has two to four")           \
	PRICE(RULE_FUEL_TEXT, 50, "the text of a value")                                                                     \
	PRICE(RULE_FUEL_NUMBER_TEXT, 40, "the text of a number; for a float more by its size and digits")                    \
	PRICE(RULE_FUEL_PARSE, 30, "a value or number out of text, and one a byte")                                          \
	PRICE(RULE_FUEL_PCALL, 20, "`pcall`")                                                                                \
	PRICE(RULE_FUEL_CAUGHT, 60, "an error that it catches")                                                              \
	PRICE(RULE_FUEL_ERROR, 400, "an error that the library raises")                                                      \
	PRICE(RULE_FUEL_MATCH, 20, "a search by a pattern; and one a step")                                          \
	PRICE(RULE_FUEL_ITEM, 6, "an item that `sort`, `concat`, `split` or `gsub` touches, each time")                      \
	PRICE(RULE_FUEL_KEY, 12, "a key that `pairs` puts in order")                                                         \
	PRICE(RULE_FUEL_WRITE, 60, "an assignment to a record, and each item of an assigned list")                           \
	PRICE(RULE_FUEL_RELATION, 50, "following a relation for the first time; a row of `ctx:each`")                        \
	PRICE(RULE_FUEL_EFFECT, 100, "an effect, a line of `log`")                                                           \
	PRICE(RULE_FUEL_DRAW, 15, "`ctx:random`")                                                                            \
	PRICE(RULE_FUEL_ID, 250, "`ctx:id`")

enum {
#define PRICE(name, units, words) name = (units),
	RULE_PRICES(PRICE)
#undef PRICE
	RULE_FUEL_STEP = 1000,          /* instructions between two calls of the count hook, a unit each */
	RULE_FUEL_BYTES = 64,           /* bytes of bulk C work for one unit */
	RULE_FUEL_OBJECT_BYTES = 8,     /* bytes of new objects for one unit: they are multiples of 16 */
	RULE_FUEL_GROWN_BYTES = 4,      /* bytes that tables and buffers grow by, for one unit of the command */
	RULE_FUEL_OF_US = 60,           /* units of the command for 1 us of a run that takes longer than its fuel says */
};

#endif
