/* test_rule_value.c: the value types of rules compute exactly, refuse floats and mixed currencies, and never wrap. */
#include "rule_script.h"

#include "value/timezone.h"

/* ---- money ---- */

TEST(money_is_written_as_an_amount_and_a_currency)
{
	CHECK_SCRIPT("return money '19.99 USD'", "19.99 USD");
	CHECK_SCRIPT("return money '-0.05 EUR', money '7 USD', money '1000 JPY', money '1.234 KWD'",
	             "-0.05 EUR | 7.00 USD | 1000 JPY | 1.234 KWD");
	CHECK_SCRIPT("return money('19.99', 'USD'), money(20, 'USD'), money(decimal '0.50', 'USD')",
	             "19.99 USD | 20.00 USD | 0.50 USD");
	CHECK_SCRIPT_FAILS("return money '19.999 USD'", "money: 19.999 has too many decimals: USD has 2");
	CHECK_SCRIPT_FAILS("return money '1.5 JPY'", "JPY has 0");
	CHECK_SCRIPT_FAILS("return money '5 XYZ'", "money: unknown currency \"XYZ\"");
	CHECK_SCRIPT_FAILS("return money '5 usd'", "money: unknown currency \"usd\"");
	CHECK_SCRIPT_FAILS("return money '5'", "money takes an amount and a currency, as in money \"19.99 USD\"");
	CHECK_SCRIPT_FAILS("return money '1e3 USD'", "is not an amount");
	CHECK_SCRIPT_FAILS("return money '99999999999999999999 USD'", "larger than money can be");
	CHECK_SCRIPT_FAILS("return money(19.99, 'USD')",
	                   "money takes text, integers or decimals, not floats: use decimal \"19.99\"");
	CHECK_SCRIPT_FAILS("return money(10 / 2, 'USD')",
	                   "write 5 or divide with \"//\", which gives an integer, instead of 5.0");
}

TEST(money_has_fields_and_nothing_else)
{
	CHECK_SCRIPT("local m = money '60.50 USD' return m.amount, m.currency, m.minor", "60.50 | USD | 6050");
	CHECK_SCRIPT_FAILS("return (money '1 USD').amout", "money has no field 'amout' (did you mean 'amount'?)");
	CHECK_SCRIPT_FAILS("return (money '1 USD').portions", "did you mean 'portion'?");
	CHECK_SCRIPT_FAILS("local m = money '1 USD' m.minor = 5", "a value of type money cannot be changed");
	CHECK_SCRIPT_FAILS("local m = money '1 USD' m[nil] = 5", "cannot be changed");
}

TEST(money_adds_and_subtracts_in_one_currency)
{
	CHECK_SCRIPT("return money '1.10 USD' + money '2.20 USD'", "3.30 USD");
	CHECK_SCRIPT("return money '1.10 USD' - money '2.20 USD'", "-1.10 USD");
	CHECK_SCRIPT("return -money '1.10 USD', (money '1.10 USD'):negate(), (money '-3 USD'):abs()",
	             "-1.10 USD | -1.10 USD | 3.00 USD");
	CHECK_SCRIPT_FAILS("return money '5.00 USD' + money '3.00 EUR'",
	                   "cannot add 5.00 USD and 3.00 EUR: the currencies differ");
	CHECK_SCRIPT_FAILS("return money '5.00 USD' - money '3.00 EUR'", "cannot subtract 5.00 USD and 3.00 EUR");
	CHECK_SCRIPT_FAILS("return money '5.00 USD' + 1", "cannot add 5.00 USD and 1: money adds to money only");
	CHECK_SCRIPT_FAILS("return 1 + money '5.00 USD'", "cannot add 1 and 5.00 USD");
	CHECK_SCRIPT_FAILS("return money '5.00 USD' + '1 USD'", "money adds to money only");
	CHECK_SCRIPT_FAILS("return money '5.00 USD' + nil", "cannot add 5.00 USD and nil");
}

TEST(money_multiplies_by_integers_and_decimals)
{
	CHECK_SCRIPT("return money '1.10 USD' * 3, 3 * money '1.10 USD'", "3.30 USD | 3.30 USD");
	CHECK_SCRIPT("return money '1.10 USD' * decimal '0.1', decimal '0.5' * money '1.10 USD'",
	             "0.11 USD | 0.55 USD");
	CHECK_SCRIPT("return money '19.99 USD' * decimal '0.0725'", "1.449275 USD");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * 0.1",
	                   "multiply money by integers or decimals, not by floats: use decimal \"0.1\"");
	CHECK_SCRIPT_FAILS("return 0.1 * money '1.10 USD'",
	                   "multiply money by integers or decimals, not by floats: use decimal \"0.1\"");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * (6 / 2)",
	                   "multiply money by integers or decimals, not by floats: write 3 or divide with \"//\"");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * (0/0)", "not by floats: use decimal \"0.1\"");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * 1e300", "not by floats: use decimal \"0.1\"");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * '2'", "multiply money by integers or decimals");
	CHECK_SCRIPT_FAILS("return money '1.10 USD' * money '2 USD'", "cannot multiply 1.10 USD and 2.00 USD");
	CHECK_SCRIPT_FAILS("return decimal '0.1' * (money '1 USD'):exact() * 0.5",
	                   "not by floats: use decimal \"0.5\"");
}

TEST(money_is_not_divided)
{
	CHECK_SCRIPT_FAILS("return money '10.00 USD' / 3", "cannot divide 10.00 USD by 3: use :portion(1, 3)");
	CHECK_SCRIPT_FAILS("return money '10.00 USD' / 3", ":allocate{1, 1, 1}");
	CHECK_SCRIPT_FAILS("return money '10.00 USD' // 3", "use :portion");
	CHECK_SCRIPT_FAILS("return money '10.00 USD' % 3", "money knows +, - and *");
	CHECK_SCRIPT_FAILS("return money '10.00 USD' ^ 3", "money knows +, - and *");
	CHECK_SCRIPT_FAILS("return #money '10.00 USD'", "attempt to get length");
}

TEST(money_never_wraps)
{
	CHECK_SCRIPT("return money '92233720368547758.07 USD'", "92233720368547758.07 USD");
	CHECK_SCRIPT_FAILS("return money '92233720368547758.08 USD'", "larger than money can be");
	CHECK_SCRIPT_FAILS("return money '92233720368547758.07 USD' + money '0.01 USD'",
	                   "the result is larger than money can be");
	CHECK_SCRIPT_FAILS("return money '-92233720368547758.07 USD' - money '0.02 USD'", "larger than money can be");
	CHECK_SCRIPT_FAILS("return money '92233720368547758.07 USD' * 2", "larger than money can be");
	CHECK_SCRIPT_FAILS("return money '92233720368547758.07 USD' * math.mininteger", "larger than money can be");
	CHECK_SCRIPT_FAILS("local x = (money '92233720368547758.07 USD'):exact()\n"
	                   "for i = 1, 10 do x = x * decimal '99999999999999999.99' end return x",
	                   "needs more than 128 bits");
	CHECK_SCRIPT_FAILS("return ((money '92233720368547758.07 USD'):exact() * 3):round()",
	                   "larger than money can be");
}

TEST(money_compares_in_one_currency)
{
	CHECK_SCRIPT("local a, b = money '1 USD', money '2 USD' return a < b, a <= b, a > b, a >= b, a == b, a ~= b",
	             "true | true | false | false | false | true");
	CHECK_SCRIPT("return money '1 USD' == money '1.00 USD', money '1 USD' == money '1 EUR', money '1 USD' == 1",
	             "true | false | false");
	CHECK_SCRIPT("return (money '1 USD'):min(money '2 USD'), (money '1 USD'):max(money '2 USD')",
	             "1.00 USD | 2.00 USD");
	CHECK_SCRIPT("local z = money '0 USD' return z:is_zero(), z:is_negative(), z:is_positive()",
	             "true | false | false");
	CHECK_SCRIPT("local d = -money '1 USD' return d:is_zero(), d:is_negative(), d:is_positive()",
	             "false | true | false");
	CHECK_SCRIPT_FAILS("return money '1 USD' < money '1 EUR'",
	                   "cannot compare 1.00 USD and 1.00 EUR: the currencies differ");
	CHECK_SCRIPT_FAILS("return money '1 USD' > 0",
	                   "money compares to money only; see :is_zero(), :is_negative(), :is_positive()");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):max(money '1 EUR')", "the currencies differ");
}

TEST(shares_stay_exact)
{
	CHECK_SCRIPT("return (money '10.00 USD'):portion(1, 3)", "10/3 USD");
	CHECK_SCRIPT("return (money '10.00 USD'):portion(1, 3) * 3 == money '10.00 USD'", "true");
	CHECK_SCRIPT("return money '10.00 USD' == (money '10.00 USD'):exact()", "true");
	CHECK_SCRIPT("return (money '10.00 USD'):portion(1, 8), (money '10.00 USD'):portion(1, 4)",
	             "1.25 USD | 2.50 USD");
	CHECK_SCRIPT("return (money '10.00 USD'):portion(decimal '7.5', 30)", "2.50 USD");
	CHECK_SCRIPT("return (money '100.00 USD'):percent('7.25'), (money '100.00 USD'):percent(5)",
	             "7.25 USD | 5.00 USD");
	CHECK_SCRIPT("return (money '9.99 USD'):percent(decimal '7.25')", "0.724275 USD");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 0)", "portion(1, 0): the whole is 0");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(0.5, 1)",
	                   "portion takes integers or decimals, not floats: use decimal \"0.5\"");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1)", "portion takes integers or decimals, not nothing");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion('1', 2)", "use decimal '1'");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):percent(7.25)",
	                   "percent takes integers or decimals, not floats: use decimal \"7.25\"");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):percent('7%')",
	                   "percent: '7%' is not a decimal number such as \"7.25\"");
	CHECK_SCRIPT_FAILS("return (money '10 USD').portion(1, 2)",
	                   "portion takes money or an exact amount, not 1 (write amount:method");
}

TEST(exact_amounts_mix_with_money_of_the_same_currency)
{
	CHECK_SCRIPT("return (money '10 USD'):portion(1, 3) + money '1 USD'", "13/3 USD");
	CHECK_SCRIPT("return money '1 USD' - (money '10 USD'):portion(1, 3)", "-7/3 USD");
	CHECK_SCRIPT("local third = (money '10 USD'):portion(1, 3) return third + third + third", "10.00 USD");
	CHECK_SCRIPT("local x = (money '10 USD'):portion(1, 3) "
	             "return x < money '3.34 USD', money '3.33 USD' < x, -x, x.currency",
	             "true | true | -10/3 USD | USD");
	CHECK_SCRIPT("local x = (money '10 USD'):portion(2, 3) "
	             "return x:portion(1, 2), x:percent(50), x * 2, x:abs(), x:is_zero()",
	             "10/3 USD | 10/3 USD | 40/3 USD | 20/3 USD | false");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 3) + money '1 EUR'", "cannot add 10/3 USD and 1.00 EUR");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 3) / 2", "cannot divide 10/3 USD by 2");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 3).amount", "exact has no field 'amount'");
}

TEST(exact_amounts_round_once_and_say_how)
{
	CHECK_SCRIPT("local x = (money '10 USD'):portion(1, 3) return x:round(), x:round('up'), x:round('floor')",
	             "3.33 USD | 3.34 USD | 3.33 USD");
	CHECK_SCRIPT("local x = (money '0.05 USD'):portion(1, 2) "
	             "return x:round(), x:round('half_even'), x:round('half_down'), (-x):round()",
	             "0.03 USD | 0.02 USD | 0.02 USD | -0.03 USD");
	CHECK_SCRIPT("return (money '10 JPY'):portion(1, 3):round(), (money '1 KWD'):portion(1, 3):round()",
	             "3 JPY | 0.333 KWD");
	CHECK_SCRIPT("return (money '10 USD'):portion(1, 3):round_to(6, 'up'), (money '3 USD'):round()",
	             "3.333334 | 3.00 USD");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 3):round('half_upp')",
	                   "round: unknown rounding 'half_upp' (did you mean 'half_up'?)");
	CHECK_SCRIPT_FAILS("return (money '10 USD'):portion(1, 3):round(2)", "round takes a text, not 2");
}

TEST(allocation_loses_no_cent)
{
	CHECK_SCRIPT("local p = (money '10.00 USD'):allocate{1, 1, 1} return p[1], p[2], p[3], p[1] + p[2] + p[3]",
	             "3.34 USD | 3.33 USD | 3.33 USD | 10.00 USD");
	CHECK_SCRIPT("local p = (money '100 USD'):allocate{3, 3, 4} return #p, p[1], p[2], p[3]",
	             "3 | 30.00 USD | 30.00 USD | 40.00 USD");
	CHECK_SCRIPT("local p = (money '0.05 USD'):allocate{0, 1, 1} return p[1], p[2], p[3]",
	             "0.00 USD | 0.03 USD | 0.02 USD");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate{}", "allocate takes 1 to 1000 weights, not 0");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate{0, 0}", "all weights are 0");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate{1, -1}", "a weight of allocate takes an integer from 0");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate{1, 0.5}", "a weight of allocate takes an integer, not 0.5");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate{math.maxinteger, 1}",
	                   "the sum of the weights is too large");
	CHECK_SCRIPT_FAILS("return (money '1 USD'):allocate(3)", "allocate takes a list of weights");
}

/* ---- decimal ---- */

TEST(decimals_compute_exactly)
{
	CHECK_SCRIPT("return decimal '0.1' + decimal '0.2'", "0.3");
	CHECK_SCRIPT("return decimal '0.1' + decimal '0.2' == decimal '0.30'", "true");
	CHECK_SCRIPT("return decimal '1.10' - 1, 2 * decimal '1.5', decimal(5) + 1, -decimal '2.5'",
	             "0.10 | 3.0 | 6 | -2.5");
	CHECK_SCRIPT("return decimal '2.5' < 3, 2 < decimal '2.5', decimal '2.5' >= decimal '2.50', decimal '3' <= 2",
	             "true | true | true | false");
	CHECK_SCRIPT("local d = decimal '2.675' "
	             "return d:round(2), d:round(2, 'half_even'), d:round(2, 'down'), d:round(0)",
	             "2.68 | 2.68 | 2.67 | 3");
	CHECK_SCRIPT("local d = decimal '-3' "
	             "return d:abs(), d:negate(), d:is_zero(), d:is_negative(), d:is_positive(), d:is_whole(), "
	             "d:to_integer()",
	             "3 | 3 | false | true | false | true | -3");
	CHECK_SCRIPT("return (decimal '3'):equals(3), (decimal '3.0'):equals(decimal '3'), "
	             "(decimal '3'):min(2), (decimal '3'):max(2)",
	             "true | true | 2 | 3");
	CHECK_SCRIPT("return (decimal '85'):divide(92, 10), (decimal '1'):divide(decimal '3', 4, 'up')",
	             "0.9239130435 | 0.3334");
}

TEST(decimals_refuse_what_is_not_exact)
{
	CHECK_SCRIPT_FAILS("return decimal(0.1)",
	                   "decimal takes text, because a float is not exact: use decimal \"0.1\"");
	CHECK_SCRIPT_FAILS("return decimal(2.0)", "write 2 or divide with \"//\"");
	CHECK_SCRIPT_FAILS("return decimal 'ten'", "decimal: 'ten' is not a decimal number");
	CHECK_SCRIPT_FAILS("return decimal '1e5'", "is not a decimal number");
	CHECK_SCRIPT_FAILS("return decimal()", "decimal takes integers or decimals, not nothing");
	CHECK_SCRIPT_FAILS("return decimal '1' + 0.5",
	                   "a decimal goes with integers and decimals, not with floats: use decimal \"0.5\"");
	CHECK_SCRIPT_FAILS("return decimal '1' < 0.5", "not with floats");
	CHECK_SCRIPT_FAILS("return decimal '1' + '1'", "cannot add 1 and '1'");
	CHECK_SCRIPT_FAILS("return decimal '1' / 3", "cannot divide 1 by 3: use :divide(by, decimals, mode)");
	CHECK_SCRIPT_FAILS("return (decimal '1'):divide(0, 2)", "divide: cannot divide 1 by 0");
	CHECK_SCRIPT_FAILS("return decimal '1' + money '1 USD'", "cannot add 1 and 1.00 USD");
	CHECK_SCRIPT_FAILS("return (decimal '1.5'):to_integer()", "to_integer: 1.5 is not a whole number");
	CHECK_SCRIPT_FAILS("local d = decimal '99999999999999999999' for i = 1, 5 do d = d * d end return d",
	                   "the result needs more than 38 digits");
}

/* ---- date, period, duration, instant ---- */

TEST(dates_are_days_of_the_calendar)
{
	CHECK_SCRIPT("local d = date '2011-09-20' return d, d.year, d.month, d.day, d.weekday",
	             "2011-09-20 | 2011 | 9 | 20 | 2");
	CHECK_SCRIPT("return date(2012, 2, 29), date(2012, 2, 29):last_day_of_month(), date(2012, 2, 3):with_day(31)",
	             "2012-02-29 | 29 | 2012-02-29");
	CHECK_SCRIPT("return date '2011-09-20' + 15, 1 + date '2011-12-31', date '2011-09-20' - 20",
	             "2011-10-05 | 2012-01-01 | 2011-08-31");
	CHECK_SCRIPT("return date '2011-10-05' - date '2011-09-20', date '2011-09-20' - date '2011-10-05'", "15 | -15");
	CHECK_SCRIPT("local d = date '2011-01-31' "
	             "return d:add_months(1), d:add_months(1):add_months(1, 31), d:add_months(-2), d:add_days(1)",
	             "2011-02-28 | 2011-03-31 | 2010-11-30 | 2011-02-01");
	CHECK_SCRIPT("return date '2011-01-31' + duration 'P1M', duration 'P1Y2D' + date '2011-01-31', "
	             "date '2011-03-31' - duration 'P1M'",
	             "2011-02-28 | 2012-02-02 | 2011-02-28");
	CHECK_SCRIPT("local a, b = date '2011-01-31', date '2011-02-01' "
	             "return a < b, a <= b, a == b, a == date '2011-01-31', a:min(b), a:max(b)",
	             "true | true | false | true | 2011-01-31 | 2011-02-01");
}

TEST(dates_that_do_not_exist_are_refused)
{
	CHECK_SCRIPT_FAILS("return date '2011-02-29'", "date: '2011-02-29' is not a date that exists");
	CHECK_SCRIPT_FAILS("return date(2011, 2, 29)", "date: 2011-02 has no day 29");
	CHECK_SCRIPT_FAILS("return date(2011, 13, 1)", "date (month) takes an integer from 1 to 12, not 13");
	CHECK_SCRIPT_FAILS("return date '9999-12-31' + 1", "moving 9999-12-31 leaves the years 0001 to 9999");
	CHECK_SCRIPT_FAILS("return date '2011-01-31':add_months(200000)", "leaves the years");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' + math.maxinteger", "takes an integer from");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' - duration 'P1M' * -2000000000", "leaves the years");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' + 1.5", "a date moves by an integer (days) or a duration");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' + 4 / 2",
	                   "a date moves by whole days: write 2 or divide with \"//\"");
	CHECK_SCRIPT_FAILS("return date(2011.0, 1, 1)", "date (year) takes an integer, not a float: write 2011");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' + duration 'PT1H'", "hours need an instant");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' + date '2011-01-31'",
	                   "a date moves by an integer (days) or a duration");
	CHECK_SCRIPT_FAILS("return date '2011-01-31' < '2011-02-01'", "write date \"2011-09-20\" for a date");
	CHECK_SCRIPT_FAILS("return 5 - date '2011-01-31'", "a date can be taken from a date only");
	CHECK_SCRIPT_FAILS("return (date '2011-01-31').dya", "date has no field 'dya' (did you mean 'day'?)");
}

TEST(periods_finish_before_their_end)
{
	CHECK_SCRIPT("local p = period(date '2011-09-20', date '2011-10-20') "
	             "return p, p.first, p.last, p.finish, p.days",
	             "2011-09-20..2011-10-20 | 2011-09-20 | 2011-10-19 | 2011-10-20 | 30");
	CHECK_SCRIPT("local p = period '2011-09-20..2011-10-20'\n"
	             "return p:contains(date '2011-09-20'), p:contains(date '2011-10-19'), "
	             "p:contains(date '2011-10-20')",
	             "true | true | false");
	CHECK_SCRIPT("local p = period '2011-09-01..2011-10-01' "
	             "return p:intersect(period '2011-09-20..2011-11-01'), "
	             "p:intersect(period '2012-01-01..2012-02-01'):is_empty()",
	             "2011-09-20..2011-10-01 | true");
	CHECK_SCRIPT("local p = period(date '2011-09-01') "
	             "return p, p.last, p.finish, p.days, p:is_empty(), p:contains(date '9999-01-01')",
	             "2011-09-01.. | nil | nil | nil | false | true");
	CHECK_SCRIPT("local p = period '2011-09-01..2011-09-01' "
	             "return p.days, p.last, p:is_empty(), p == period '2011-09-01..2011-09-01'",
	             "0 | nil | true | true");
	CHECK_SCRIPT_FAILS("return period(date '2011-10-20', date '2011-09-20')",
	                   "period: it would finish before it starts");
	CHECK_SCRIPT_FAILS("return period 'a..b'", "is not a period (write period \"2011-09-20..2011-10-20\")");
	CHECK_SCRIPT_FAILS("return period '2011-09-20.2011-10-20'", "is not a period");
	CHECK_SCRIPT_FAILS("return period(1, 2)", "period takes a date, not 1");
	CHECK_SCRIPT_FAILS("return period '2011-09-01..' < period '2011-09-01..'",
	                   "compare their .first, .finish or .days");
}

TEST(durations_are_months_days_and_time)
{
	CHECK_SCRIPT("local d = duration 'P1M' return d, d.months, d.days, d.seconds", "P1M | 1 | 0 | 0");
	CHECK_SCRIPT("local d = duration 'P1DT12H' return d.days, d.seconds", "1 | 43200");
	CHECK_SCRIPT("return duration 'P1M' * 3, 2 * duration 'P14D', duration 'P1M' + duration 'P1D'",
	             "P3M | P28D | P1M1D");
	CHECK_SCRIPT("local d = duration 'P1M' * 0 return d.months, d == duration 'P0D'", "0 | true");
	CHECK_SCRIPT("return duration 'P1M' == duration 'P1M', duration 'P1M' == duration 'P30D'", "true | false");
	CHECK_SCRIPT_FAILS("return duration 'one month'", "is not a duration (write \"P1M\"");
	CHECK_SCRIPT_FAILS("return duration 'P1M' < duration 'P30D'", "a month has no fixed length");
	CHECK_SCRIPT_FAILS("return duration 'P1M' * 1.5", "a duration multiplies by an integer");
	CHECK_SCRIPT_FAILS("return duration 'P1M' * math.maxinteger", "the result is too long");
	CHECK_SCRIPT_FAILS("return duration 'P1M' + duration 'P1D' * -1", "different signs");
	CHECK_SCRIPT_FAILS("return duration 'P1M' + 1", "a duration adds to a date, an instant or a duration");
	CHECK_SCRIPT_FAILS("return duration 'P1M' + money '1 USD'", "cannot add P1M and 1.00 USD");
}

TEST(instants_are_points_of_time)
{
	CHECK_SCRIPT("return instant '2011-09-06T15:00:00Z', instant '2011-09-06T15:00:00+02:00'",
	             "2011-09-06T15:00:00Z | 2011-09-06T13:00:00Z");
	CHECK_SCRIPT("local t = instant '2011-09-06T23:00:00Z' "
	             "return t:date('UTC'), t:date('Europe/Paris'), t:second_of_day('Europe/Paris')",
	             "2011-09-06 | 2011-09-07 | 3600");
	CHECK_SCRIPT("return date '2011-09-07':starts_at('Europe/Paris')", "2011-09-06T22:00:00Z");
	CHECK_SCRIPT("local a, b = instant '2011-09-06T15:00:00Z', instant '2011-09-06T16:00:00.5Z' "
	             "return b - a, a - b, a < b, a <= b, a == b",
	             "3600 | -3600 | true | true | false");
	CHECK_SCRIPT("local t = instant '2011-09-06T15:00:00Z' "
	             "return t + 60, 60 + t, t - 60, t + duration 'PT1H30M', duration 'PT1H' + t",
	             "2011-09-06T15:01:00Z | 2011-09-06T15:01:00Z | 2011-09-06T14:59:00Z |"
	             " 2011-09-06T16:30:00Z | 2011-09-06T16:00:00Z");
	CHECK_SCRIPT_FAILS("return instant '2011-09-06'", "is not an instant");
	CHECK_SCRIPT_FAILS("return (instant '2011-09-06T15:00:00Z'):date('Mars/Olympus')",
	                   "date: unknown time zone 'Mars/Olympus'");
	CHECK_SCRIPT_FAILS("return (instant '2011-09-06T15:00:00Z') + duration 'P1D'",
	                   "months and days move a date, not an instant");
	CHECK_SCRIPT_FAILS("return (instant '2011-09-06T15:00:00Z') + math.maxinteger",
	                   "leaves the years 0001 to 9999");
	CHECK_SCRIPT_FAILS("return (instant '9999-12-31T23:59:59Z') + 1", "leaves the years 0001 to 9999");
	CHECK_SCRIPT_FAILS("return (instant '0001-01-01T00:00:00Z') - 1", "leaves the years 0001 to 9999");
	CHECK_SCRIPT_FAILS("return (instant '2011-09-06T15:00:00Z') + 0.5",
	                   "an instant moves by an integer (seconds) or a duration");
	CHECK_SCRIPT_FAILS("return (instant '2011-09-06T15:00:00Z') < date '2011-09-06'",
	                   "an instant compares to an instant");
}

/* ---- all types ---- */

TEST(values_join_texts)
{
	CHECK_SCRIPT("return 'total ' .. money '5 USD' .. ' on ' .. date '2011-09-20'", "total 5.00 USD on 2011-09-20");
	CHECK_SCRIPT("return decimal '1.50' .. 2", "1.502");
	CHECK_SCRIPT_FAILS("return money '5 USD' .. nil", "cannot join 5.00 USD and nil");
	CHECK_SCRIPT_FAILS("return {} .. money '5 USD'", "cannot join a table and 5.00 USD");
}

TEST(values_made_by_the_core_come_back_unchanged)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct rule_state state = { .results = &arena };
	CHECK(rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, RULE_FUEL_DEFAULT));
	lua_State *lua = state.lua;
	const struct currency *usd = currency_find(TEXT("USD"));
	struct money money = { 0, NULL };
	struct exact_money exact;
	struct decimal decimal;
	struct date date;
	struct period period;
	struct duration duration;
	struct instant instant;
	rule_push_money(lua, money_of(1999, usd));
	CHECK(rule_to_money(lua, -1, &money) && money.minor == 1999 && money.currency == usd);
	CHECK(!rule_to_exact(lua, -1, &exact) && !rule_to_decimal(lua, -1, &decimal) && !rule_to_date(lua, -1, &date));
	rule_push_exact(lua, (struct exact_money){ { 1, 3 }, usd });
	CHECK(rule_to_exact(lua, -1, &exact) && exact.amount.denominator == 3 && !rule_to_money(lua, -1, &money));
	rule_push_decimal(lua, (struct decimal){ 15, 1 });
	CHECK(rule_to_decimal(lua, -1, &decimal) && decimal.coefficient == 15 && decimal.scale == 1);
	rule_push_date(lua, (struct date){ 734000 });
	CHECK(rule_to_date(lua, -1, &date) && date.day == 734000);
	rule_push_period(lua, (struct period){ { 1 }, { 9 } });
	CHECK(rule_to_period(lua, -1, &period) && period.start.day == 1 && period.end.day == 9);
	rule_push_duration(lua, (struct duration){ 1, 2, 3 });
	CHECK(rule_to_duration(lua, -1, &duration) && duration.months == 1 && duration.days == 2 && duration.us == 3);
	rule_push_instant(lua, (struct instant){ 1315321200000000 });
	CHECK(rule_to_instant(lua, -1, &instant) && instant.us == 1315321200000000);
	struct text text;
	CHECK(rule_value_to_text(lua, -1, &arena, &text));
	CHECK_EQ_TEXT(text, "2011-09-06T15:00:00Z");
	rule_state_end(&state);
	arena_finish(&arena);
}

TEST(absent_values_are_nil)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct rule_state state = { .results = &arena };
	CHECK(rule_state_begin(&state, RULE_MEMORY_BYTES_DEFAULT, RULE_FUEL_DEFAULT));
	lua_State *lua = state.lua;
	struct text text;
	rule_push_money(lua, (struct money){ 0, NULL });
	rule_push_exact(lua, (struct exact_money){ { 0, 0 }, NULL });
	rule_push_date(lua, DATE_NONE);
	rule_push_period(lua, (struct period){ DATE_NONE, DATE_NONE });
	rule_push_instant(lua, INSTANT_NONE);
	rule_push_duration(lua, (struct duration){ 0, 0, 0 });
	for (int i = 1; i <= 6; i++) {
		check_note("value %d", i);
		CHECK(lua_isnil(lua, -i));
		CHECK(!rule_value_to_text(lua, -i, &arena, &text));
	}
	rule_state_end(&state);
	arena_finish(&arena);
}

/* Against integers, within bounds that cannot overflow. */
TEST(random_sums_and_products_are_exact)
{
	uint64_t random = check_seed();
	for (int i = 0; i < 500; i++) {
		int64_t a = check_between(&random, -1000000, 1000000), b = check_between(&random, -1000000, 1000000);
		int64_t n = check_between(&random, -1000, 1000);
		char source[300], expected[100];
		snprintf(source, sizeof source,
		         "local a, b = money('%s%lld.%02lld', 'USD'), money(%lld, 'USD') "
		         "return ((a + b) * %lld - a).minor",
		         a < 0 ? "-" : "", (long long)(llabs(a) / 100), (long long)(llabs(a) % 100), (long long)b,
		         (long long)n);
		snprintf(expected, sizeof expected, "%lld", (long long)((a + b * 100) * n - a));
		CHECK_SCRIPT(source, expected);
	}
}

CHECK_MAIN
