/* test_prepaid_walk.c: lots over months of chance, beside a model that counts unit by unit. */
#include "shop.h"

#include "billing/component_period.h"
#include "billing/prepaid_lot.h"

#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"

enum { LOTS_MOST = 600, STEPS = 250, EXPIRE_AFTER_DAYS = 25 };

/* ------------------------------------------------------------------------------------------------ the model */

struct model_lot {
	int quantity, used, in_period, bought_on, expires_on; /* days from the first; expires_on 0: never */
	bool open, deleted;
};
struct model {
	bool rolls, renews, expires;
	struct model_lot lots[LOTS_MOST];
	int count, overage, day, period_start;
};

static void model_buy(struct model *model, int quantity)
{
	CHECK(model->count < LOTS_MOST);
	model->lots[model->count++] = (struct model_lot){
		.quantity = quantity, .bought_on = model->day, .expires_on = model->expires ? model->day + EXPIRE_AFTER_DAYS : 0,
		.open = true,
	};
}

static void model_use_one(struct model *model)
{
	for (int i = 0; i < model->count; i++) {
		struct model_lot *lot = &model->lots[i];
		if (!lot->open || lot->used == lot->quantity)
			continue;
		lot->used++;
		lot->in_period++;
		return;
	}
	model->overage++;
}

static void model_return_one(struct model *model)
{
	if (model->overage > 0) {
		model->overage--;
		return;
	}
	for (int i = model->count - 1; i >= 0; i--) {
		struct model_lot *lot = &model->lots[i];
		if (lot->in_period == 0)
			continue;
		lot->used--;
		lot->in_period--;
		return;
	}
}

static void model_assess(struct model *model)
{
	int count = model->count;
	for (int i = 0; i < count; i++) {
		struct model_lot *lot = &model->lots[i];
		bool of_period = lot->bought_on >= model->period_start && lot->bought_on < model->day;
		if (lot->bought_on < model->day)
			lot->open = lot->open && model->rolls;
		lot->in_period = 0;
		if (model->renews && of_period && !lot->deleted)
			model_buy(model, lot->quantity);
	}
	model->overage = 0;
	model->period_start = model->day;
}

/* Days go by one at a time; a period begins on the first of each month. */
static void model_advance(struct model *model, struct date first, int days)
{
	while (days-- > 0) {
		int year, month, day;
		model->day++;
		for (int i = 0; i < model->count; i++)
			if (model->lots[i].expires_on && model->lots[i].expires_on <= model->day)
				model->lots[i].open = false;
		date_parts(date_add_days(first, model->day), &year, &month, &day);
		if (day == 1)
			model_assess(model);
	}
}

/* "170 held, 30 used, 5 over" */
static struct text model_text(struct arena *arena, const struct model *model)
{
	int left = 0, used = 0;
	for (int i = 0; i < model->count; i++) {
		left += model->lots[i].open ? model->lots[i].quantity - model->lots[i].used : 0;
		used += model->lots[i].in_period;
	}
	return text_format(arena, "%d held, %d used, %d over", left + used, used + model->overage, model->overage);
}

/* ------------------------------------------------------------------------------------------------ the desk */

struct seen {
	struct subscription_component *had;
	struct component_period_list open;
	struct allocation_list lots;
};

static bool look(struct command *command, void *context)
{
	struct seen *seen = context;
	struct subscription *subscription;
	return subscription_find(command, 1, &subscription) && subscription_component_of(command, subscription, 1, &seen->had) &&
	       component_periods_open(command, seen->had, &seen->open) &&
	       allocation_page(command, seen->had, 0, LOTS_MOST, &seen->lots);
}

static struct text desk_text(struct desk *desk, struct arena *arena, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	desk_read(desk, look, seen);
	return text_format(arena, "%s held, %s used, %s over", decimal_canonical_text(arena, seen->had->quantity).data,
	                   decimal_canonical_text(arena, seen->had->unit_balance).data,
	                   seen->open.count ? decimal_canonical_text(arena, seen->open.items[0].overage_quantity).data : "0");
}

static void compare_lots(struct desk *desk, const struct seen *seen, const struct model *model)
{
	CHECK_EQ_INT(seen->lots.count, (size_t)model->count);
	for (int i = 0; i < model->count; i++) {
		const struct allocation *lot = &seen->lots.items[model->count - 1 - i];
		CHECK_EQ_TEXT(decimal_canonical_text(&desk->arena, lot->used_quantity),
		              text_format(&desk->arena, "%d", model->lots[i].used).data);
	}
}

static unsigned chance(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % below;
}

static void take_away_one(struct desk *desk, const struct seen *seen, struct model *model, unsigned *seed)
{
	int i = (int)chance(seed, (unsigned)(model->count ? model->count : 1));
	if (model->count == 0 || !model->lots[i].open || model->lots[i].used == model->lots[i].quantity)
		return;
	desk_do(desk, "allocation.delete",
	        text_format(&desk->arena, "{'id':%lld,'credit_scheme':'nothing'}",
	                    (long long)seen->lots.items[model->count - 1 - i].id).data);
	model->lots[i].open = false;
	model->lots[i].deleted = true;
}

static void use(struct desk *desk, struct model *model, int quantity)
{
	desk_do(desk, "component_usage.create",
	        text_format(&desk->arena, "{'subscription_id':1,'component':'credits','quantity':'%d'}", quantity).data);
	for (int i = 0; i < quantity; i++)
		model_use_one(model);
	for (int i = 0; i > quantity; i--)
		model_return_one(model);
}

static void step(struct desk *desk, const struct seen *seen, struct model *model, struct date first, unsigned *seed)
{
	int quantity = 1 + (int)chance(seed, 40);
	switch (chance(seed, 8)) {
	case 0: case 1:
		desk_do(desk, "allocation.create",
		        text_format(&desk->arena, "{'subscription_id':1,'allocations':[{'component':'credits','quantity':'%d'}]}", quantity).data);
		model_buy(model, quantity);
		break;
	case 2: case 3: case 4: use(desk, model, quantity); break;
	case 5: use(desk, model, -quantity); break;
	case 6: take_away_one(desk, seen, model, seed); break;
	default:
		model_advance(model, first, quantity / 4);
		shop_advance(desk, text_format(&desk->arena, "%sT00:00:00Z",
		                               date_text(&desk->arena, date_add_days(first, model->day)).data).data);
	}
}

static void walk(unsigned seed, bool rolls, bool renews, bool expires)
{
	static struct model model;
	struct desk desk;
	struct seen seen = { 0 };
	struct date first;
	CHECK(date_make(2024, 4, 1, &first));
	model = (struct model){ .rolls = rolls, .renews = renews, .expires = expires };
	shop_open_empty(&desk, "'billing':{'convention':'maxio'}", false);
	desk_deploy_catalog(&desk, CATALOG);
	shop_advance(&desk, "2024-04-01T00:00:00Z");
	desk_do(&desk, "account.create", "{'name':'Ann'}");
	desk_do(&desk, "component.create",
	        text_format(&desk.arena,
	                    "{'handle':'credits','name':'Credits','kind':'prepaid','price':{'scheme':'per_unit','unit_price':'0.1'},"
	                    "'overage_price':{'scheme':'per_unit','unit_price':'0.25'},'rollover_prepaid':%s,'renew_prepaid':%s%s}",
	                    rolls ? "true" : "false", renews ? "true" : "false",
	                    expires ? ",'expires_after':25,'expires_unit':'day'" : "").data);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'credits'}]}");
	desk_text(&desk, &desk.arena, &seen);
	for (int i = 0; i < STEPS && model.count < LOTS_MOST / 4; i++) {
		step(&desk, &seen, &model, first, &seed);
		check_note("step %d, seed %u", i, seed);
		CHECK_EQ_TEXT(desk_text(&desk, &desk.arena, &seen), model_text(&desk.arena, &model).data);
		compare_lots(&desk, &seen, &model);
	}
	desk_close(&desk);
}

TEST(lots_are_as_unit_by_unit)
{
	for (unsigned i = 0; i < 6; i++)
		walk(i * 7919 + 1, i & 1, i & 2, i >= 3);
}

CHECK_MAIN
