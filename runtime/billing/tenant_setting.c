/* tenant_setting.c: which settings exist, and what each may hold. */
#include "tenant_setting.h"

#include "convention.h"
#include "event/channel.h"
#include "mail.h"
#include "value/catalogue.h"

enum { POLICY_CHOICE_BYTES_MAX = 100, PERCENT_DECIMALS_MAX = 9 };

#define POLICY_SETTING(name, shipped) \
	{ "policies." name, SETTING_POLICY, 1, POLICY_CHOICE_BYTES_MAX, NULL, shipped, \
	  "The rule that decides unless a plan names one: a rule of the bundle, or a shipped file." }

static const char *const exhausted_words[] = {
	"nothing", "cancel_invoice", "suspend_order", "cancel_invoice_suspend_order", NULL,
};

static const char *const unknown_unit_words[] = { "refuse", "keep", NULL };
static const char *const arrear_words[] = { "default", "greedy", NULL };
static const char *const aps_period_words[] = { "month", "Month(s)", NULL };
static const char *const prepaid_order_words[] = { "bought", "expiry", NULL };
static const char *const scheme_words[] = { "full", "prorated", "nothing", NULL };
static const char *const gateway_words[] = { "test", NULL }; /* the adapters of engine_gateway */

const struct tenant_setting tenant_settings[] = {
	{ "billing.day", SETTING_INTEGER, 1, 31, NULL, "1",
	  "Day of the month on which cycles begin; the last day of shorter months." },
	{ "billing.anniversary", SETTING_BOOLEAN, 0, 0, NULL, "false", "Cycles begin on the day a subscription began instead." },
	{ "billing.hour", SETTING_INTEGER, 0, 23, NULL, "0", "Hour of the account's day at which the billing run looks at it." },
	{ "billing.due_days", SETTING_INTEGER, 0, 365, NULL, "0", "Days from an invoice's date to its due date." },
	{ "billing.convention", SETTING_CHOICE, 0, 0, convention_names, "killbill",
	  "How plans that are subscribed to directly count, where neither subscription nor plan nor account says: docs/conventions.md." },
	{ "billing.fixed_days_in_month", SETTING_INTEGER, 0, 31, NULL, "0",
	  "Parts of a period count every month as so many days; 0: the calendar's." },
	{ "billing.in_arrear", SETTING_CHOICE, 0, 0, arrear_words, "default",
	  "Recurring prices in arrears: when the period has ended, or (greedy) whole as soon as it has begun." },
	{ "billing.draft_days", SETTING_INTEGER, 0, 365, NULL, "0",
	  "Invoices wait so many days as drafts before they are owed; 0: they are at once." },
	{ "billing.upcoming_days", SETTING_INTEGER, 0, 365, NULL, "0",
	  "So many days before an account is invoiced invoice.upcoming tells what it will be; 0: nothing does." },
	{ "components.upgrade_charge", SETTING_CHOICE, 0, 0, scheme_words, "prorated",
	  "What allocations that cost more are charged: the whole difference, the part of it for the time that is left, nothing." },
	{ "components.downgrade_credit", SETTING_CHOICE, 0, 0, scheme_words, "nothing", "What those that cost less give back." },
	{ "components.accrue_charge", SETTING_BOOLEAN, 0, 0, NULL, "true",
	  "What allocations come to waits for the next assessment; else it is invoiced at once." },
	{ "components.prepaid_order", SETTING_CHOICE, 0, 0, prepaid_order_words, "bought",
	  "Which lots of a prepaid component are used first: those bought first, or those that expire first." },
	{ "renewals.days_ahead", SETTING_INTEGER, 0, 366, NULL, "30",
	  "How many days before its end a subscription that renews itself is renewed." },
	{ "tax.percent", SETTING_PERCENT, 0, 1000, NULL, "", "Tax on plans that are subscribed to directly; none without it." },
	{ "tax.name", SETTING_TEXT, 1, 60, NULL, "Tax", "What that tax is called on the invoice." },
	{ "tax.inclusive", SETTING_BOOLEAN, 0, 0, NULL, "false", "Prices have that tax in them already." },
	{ "usage.unknown_units", SETTING_CHOICE, 0, 0, unknown_unit_words, "refuse",
	  "Usage of a unit that no usage section of the subscription's plans has: refused, or kept as unbilled." },
	{ "usage.zero_items", SETTING_BOOLEAN, 0, 0, NULL, "true", "Windows without usage stand on the invoice with an amount of 0." },
	{ "usage.detail", SETTING_BOOLEAN, 0, 0, NULL, "false", "Consumable usage has a line for each unit and tier instead of one." },
	{ "usage.windows_back", SETTING_INTEGER, 0, 100000, NULL, "0",
	  "How many billed windows can still change by late or removed usage; 0: all." },
	{ "payments.gateway", SETTING_CHOICE, 0, 0, gateway_words, "test", "The gateway adapter that charges cards." },
	{ "retry.max_attempts", SETTING_INTEGER, 1, 100, NULL, "3",
	  "Declined payments of an invoice, the first one included, after which no more is tried." },
	{ "retry.days_between", SETTING_INTEGER, 1, 365, NULL, "1", "Days from a declined payment to the next automatic one." },
	{ "retry.on_exhausted", SETTING_CHOICE, 0, 0, exhausted_words, "nothing", "What follows from the last declined payment." },
	{ "tasks.runs_kept", SETTING_INTEGER, 1, 1000000, NULL, "1000", "Runs of each scheduled task that are kept; older ones go." },
	{ "tasks.heartbeat_minutes", SETTING_INTEGER, 0, 1440, NULL, "0",
	  "How often a live tenant's clock.heartbeat comes; 0: never. Test tenants have theirs when their clock moves." },
	{ "effects.depth", SETTING_INTEGER, 0, 8, NULL, "8", "How many commands of rules may follow from one another; 0: rules command nothing." },
	{ "effects.per_cause", SETTING_INTEGER, 1, 1000000, NULL, "10000",
	  "How many commands and messages rules may queue in all that follows from one command." },
	{ "cancel.notice_days", SETTING_INTEGER, 0, 366, NULL, "30", "Days of notice that the shipped cancel/notice_period counts from a cancellation." },
	{ "invoice_number.prefix", SETTING_TEXT, 0, 20, NULL, "", "Stands before the counter in invoice numbers." },
	{ "invoice_number.digits", SETTING_INTEGER, 1, 18, NULL, "1", "Least digits of the counter; zeros fill it up." },
	{ "deliveries.plain_http", SETTING_BOOLEAN, 0, 0, NULL, "false", "Webhooks may go to http, which anyone on the way can read." },
	{ "deliveries.private_addresses", SETTING_BOOLEAN, 0, 0, NULL, "false",
	  "Webhooks may go to loopback and private addresses, where the process allows it." },
	{ "deliveries.webhook_retries", SETTING_DELAYS, 0, 0, NULL, "5s,5m,30m,2h,5h,10h,14h,20h,24h",
	  "After how long a failed webhook is tried again, from each failure." },
	{ "deliveries.killbill_retries", SETTING_DELAYS, 0, 0, NULL, "15m,30m,2h,12h,1d", "The same of push notifications of Kill Bill." },
	{ "deliveries.mail_retries", SETTING_DELAYS, 0, 0, NULL, "1m,5m,30m,2h,5h,10h,24h", "The same of mail." },
	{ "deliveries.aps_retries", SETTING_DELAYS, 0, 0, NULL, "1m,2m,4m,8m,16m,32m,1h,1h,1h", "The same of notifications of APS." },
	{ "aps.period_type", SETTING_CHOICE, 0, 0, aps_period_words, "month",
	  "How notifications of APS spell the unit of a period: hour, day, month, year, or Hour(s), Day(s), Month(s), Year(s)." },
	{ "mail.from", SETTING_ADDRESS, 0, 300, NULL, "",
	  "Who sends the tenant's mail, where the process lets tenants say so; else where answers go. name@example.com, or with a name." },
	{ "mail.reply_to", SETTING_ADDRESS, 0, 300, NULL, "", "Where answers to the tenant's mail go." },
	POLICY_SETTING("proration", "proration/inclusive_days"),
	POLICY_SETTING("rounding", "rounding/half_up"),
	POLICY_SETTING("tax", "tax/percent"),
	POLICY_SETTING("tax_rates", "tax_rates/setting"),
	POLICY_SETTING("discount", "discount/percent"),
	POLICY_SETTING("credit_note", "credit_note/credit"),
	POLICY_SETTING("usage_late", "usage_late/difference"),
	POLICY_SETTING("retry", "retry/attempts"),
	POLICY_SETTING("invoice_number", "invoice_number/plain"),
	POLICY_SETTING("change", "change/catalog"),
	POLICY_SETTING("cancel", "cancel/catalog"),
	POLICY_SETTING("renewal", "renewal/usual"),
	{ NULL, SETTING_TEXT, 0, 0, NULL, NULL, NULL },
};

/* For text_nearest: the paths below one group, or the groups themselves when there is none. */
struct nearby {
	struct arena *arena;
	struct text group;
};

static const char *nearby_name(const void *context, size_t i)
{
	const struct nearby *nearby = context;
	size_t n = 0;
	struct text head, rest, before = TEXT_NONE;
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		text_split(text_of(setting->path), '.', &head, &rest);
		bool counts = text_present(nearby->group) ? text_equals(head, nearby->group) : !text_equals(head, before);
		if (counts && n++ == i)
			return text_c(nearby->arena, text_present(nearby->group) ? rest : head);
		before = head;
	}
	return !text_present(nearby->group) && i == n ? "rules" : NULL;
}

static bool is_group(struct text name)
{
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		struct text head, rest;
		text_split(text_of(setting->path), '.', &head, &rest);
		if (text_equals(head, name))
			return true;
	}
	return false;
}

static const struct tenant_setting *setting_find(struct text group, struct text name)
{
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		struct text head, rest;
		text_split(text_of(setting->path), '.', &head, &rest);
		if (text_equals(head, group) && text_equals(rest, name))
			return setting;
	}
	return NULL;
}

static bool integer_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                          struct problems *problems)
{
	int64_t number;
	if (value->type != JSON_NUMBER || !text_to_int64(value->text, &number))
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be a whole number", setting->path);
	if (number < setting->min || number > setting->max)
		return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, value->text, NULL,
		                     "setting %s must be between %lld and %lld", setting->path,
		                     (long long)setting->min, (long long)setting->max);
	return true;
}

static const char *word_candidate(const void *context, size_t i)
{
	return ((const struct tenant_setting *)context)->words[i];
}

/* "Use one of: nothing, cancel_invoice." */
static const char *words_remedy(const struct tenant_setting *setting, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_c(&out, "Use one of:");
	for (size_t i = 0; setting->words[i]; i++)
		builder_format(&out, "%s %s", i ? "," : "", setting->words[i]);
	builder_c(&out, ".");
	return builder_text(&out).data;
}

static bool choice_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                         struct problems *problems)
{
	for (const char *const *word = setting->words; *word; word++)
		if (value->type == JSON_STRING && text_is(value->text, *word))
			return true;
	return problem_value(problems, PROBLEM_UNKNOWN_CHOICE, pointer, value->text, words_remedy(setting, problems->arena),
	                     "setting %s cannot be '%.*s'%s", setting->path, TEXT_ARG(value->text),
	                     text_did_you_mean(problems->arena, value->text, word_candidate, setting));
}

static bool delays_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                         struct problems *problems)
{
	int64_t delays_s[DELIVERY_RETRIES_MAX];
	size_t count;
	return (value->type == JSON_STRING && delays_parse(value->text, delays_s, &count)) ||
	       problem_value(problems, PROBLEM_INVALID_VALUE, pointer, value->text,
	                     "Write delays of s, m, h or d with commas between them, as in 15m,30m,2h,12h,1d; \"\" for no more tries.",
	                     "setting %s is a list of at most %d delays of up to 30 days", setting->path, DELIVERY_RETRIES_MAX);
}

static bool address_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                          struct problems *problems)
{
	struct mail_address address;
	struct text text = json_text(value);
	return (value->type == JSON_STRING && (text.length == 0 || mail_address_parse(text, problems->arena, &address))) ||
	       problem_value(problems, PROBLEM_INVALID_VALUE, pointer, text, "Write it as name@example.com or Ann <name@example.com>.",
	                     "setting %s: '%.*s' is no address to send mail to", setting->path, TEXT_ARG(text));
}

/* A decimal as text: numbers of JSON are no place for fractions. */
static bool percent_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                          struct problems *problems)
{
	struct decimal percent;
	if (value->type != JSON_STRING || !decimal_parse(value->text, &percent))
		return problem_value(problems, PROBLEM_WRONG_TYPE, pointer, json_text(value), "Write it as a text with digits alone, as in \"8.875\".",
		                     "setting %s must be a percentage", setting->path);
	if (percent.scale <= PERCENT_DECIMALS_MAX && decimal_compare(percent, decimal_from_int64(setting->min)) >= 0 &&
	    decimal_compare(percent, decimal_from_int64(setting->max)) <= 0)
		return true;
	return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, value->text, NULL,
	                     "setting %s must be between %lld and %lld, with at most %d decimals", setting->path, (long long)setting->min,
	                     (long long)setting->max, PERCENT_DECIMALS_MAX);
}

static bool value_check(const struct tenant_setting *setting, const struct json *value, const char *pointer,
                        struct problems *problems)
{
	if (value->type == JSON_NULL)
		return true;
	switch (setting->kind) {
	case SETTING_INTEGER:
		return integer_check(setting, value, pointer, problems);
	case SETTING_BOOLEAN:
		if (value->type == JSON_TRUE || value->type == JSON_FALSE)
			return true;
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be true or false", setting->path);
	case SETTING_CHOICE:
		return choice_check(setting, value, pointer, problems);
	case SETTING_DELAYS:
		return delays_check(setting, value, pointer, problems);
	case SETTING_ADDRESS:
		return address_check(setting, value, pointer, problems);
	case SETTING_PERCENT:
		return percent_check(setting, value, pointer, problems);
	case SETTING_TEXT:
	case SETTING_POLICY:
		break;
	}
	if (value->type != JSON_STRING)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "setting %s must be a text", setting->path);
	if ((int64_t)value->text.length < setting->min || (int64_t)value->text.length > setting->max)
		return problem_value(problems, PROBLEM_OUT_OF_RANGE, pointer, value->text, NULL,
		                     "setting %s must have %lld to %lld bytes", setting->path,
		                     (long long)setting->min, (long long)setting->max);
	return true;
}

/* Settings of other layers' groups are not known to C and pass: "rules" holds what rules read. */
static bool group_check(const struct json *group, const char *pointer, struct problems *problems)
{
	if (group->type == JSON_NULL || text_is(group->name, "rules"))
		return true;
	struct nearby nearby = { problems->arena, TEXT_NONE };
	if (!is_group(group->name))
		return problem(problems, PROBLEM_UNKNOWN_FIELD, pointer, "there are no settings named '%.*s'%s",
		               TEXT_ARG(group->name), text_did_you_mean(problems->arena, group->name, nearby_name, &nearby));
	if (group->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "settings of '%.*s' must be an object",
		               TEXT_ARG(group->name));
	bool good = true;
	nearby.group = group->name;
	for (const struct json *member = group->first; member; member = member->next) {
		const char *at = text_format(problems->arena, "%s/%.*s", pointer, TEXT_ARG(member->name)).data;
		const struct tenant_setting *setting = setting_find(group->name, member->name);
		if (setting)
			good &= value_check(setting, member, at, problems);
		else
			good = problem(problems, PROBLEM_UNKNOWN_FIELD, at, "there is no setting '%.*s.%.*s'%s",
			               TEXT_ARG(group->name), TEXT_ARG(member->name),
			               text_did_you_mean(problems->arena, member->name, nearby_name, &nearby));
	}
	return good;
}

bool tenant_setting_check(const struct json *settings, const char *pointer, struct problems *problems)
{
	if (settings->type != JSON_OBJECT)
		return problem(problems, PROBLEM_WRONG_TYPE, pointer, "settings must be an object");
	bool good = true;
	for (const struct json *group = settings->first; group; group = group->next) {
		const char *at = text_format(problems->arena, "%s/%.*s", pointer, TEXT_ARG(group->name)).data;
		good &= group_check(group, at, problems);
	}
	return good;
}

bool tenant_setting_check_policies(const struct json *settings, const struct rule_bundle *rules, const char *pointer,
                                   struct problems *problems)
{
	const struct json *policies = settings ? json_member(settings, "policies") : NULL;
	bool good = true;
	for (const struct json *choice = policies ? policies->first : NULL; choice; choice = choice->next) {
		enum policy policy = policy_find(choice->name);
		const struct rule_bundle *owner;
		if (policy == POLICY_NONE || choice->type != JSON_STRING ||
		    rule_policy_by_choice(rules, policy, choice->text, &owner))
			continue;
		good = problem_value(problems, PROBLEM_UNKNOWN_POLICY,
		                     text_format(problems->arena, "%s/policies/%.*s", pointer, TEXT_ARG(choice->name)).data,
		                     choice->text, "Name a rule of the bundle, or a shipped file as \"proration/inclusive_days\".",
		                     "there is no %.*s rule '%.*s'", TEXT_ARG(choice->name), TEXT_ARG(choice->text));
	}
	return good;
}
