/* product.h: product families, and plans of the catalog as products that are sold in them.
 *
 * A product is the listing of a plan: the plan says what is charged and lives in the catalog's versions, whose rows change
 * with each version; the product keeps one id and one handle, the plan's code. Terms: maxio.md 5.
 */
#ifndef MOONBILL_BILLING_PRODUCT_H
#define MOONBILL_BILLING_PRODUCT_H

#include "event/command.h"
#include "page.h"

/* product_family.create, listed_product.create */
extern const struct command_type product_commands[];

struct product_family_list {
	struct product_family *items;
	size_t count, capacity;
};
struct listed_product_list {
	struct listed_product *items;
	size_t count, capacity;
};
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct product_family *product_family_need(struct command *command, int64_t id, const char *pointer);
struct listed_product *listed_product_need(struct command *command, int64_t id, const char *pointer);
/* NULL when there is none. */
bool product_family_by_handle(struct command *command, struct text handle, struct product_family **family);
bool listed_product_by_plan(struct command *command, struct text plan, struct listed_product **product);
/* In the order of their ids; of one family, or of all (0). */
bool product_family_page(struct command *command, struct page_query query, struct product_family_list *families);
bool listed_product_page(struct command *command, int64_t product_family_id, struct page_query query,
                         struct listed_product_list *products);

/* A handle made of a name, in the arena: "Pro Plan (yearly)" is "pro-plan-yearly". At most 80 bytes, never empty. */
struct text handle_of_name(struct arena *arena, struct text name);
/* What was asked for, or the first made of the name that nobody has: "basic", "basic-2", ... */
bool handle_for(struct command *command, struct text asked, struct text name,
                bool (*taken)(struct command *command, struct text handle, bool *is_taken), struct text *handle);

#endif
