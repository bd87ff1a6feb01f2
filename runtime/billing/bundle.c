/* bundle.c: what a tenant has deployed: kept, activated, listed. */
#include "bundle.h"

#include "bundle_history.h"

#include "catalog.h"
#include "catalog_version.h"
#include "document.h"
#include "event/job.h"
#include "mail_template.h"
#include "setting_follow.h"
#include "tenant.h"

bool bundle_by_digest(struct command *command, struct text digest, struct bundle **bundle)
{
	return store_one(command->store, STATEMENT_BUNDLE_BY_DIGEST, BINDS(bind_text(digest)), &bundle_record,
	                 (void **)bundle);
}

struct page_rows {
	struct arena *arena;
	struct bundle_list *bundles;
};

static bool page_row(void *context, const struct store_row *row)
{
	struct page_rows *rows = context;
	struct bundle *bundle = list_add(rows->arena, rows->bundles, struct bundle);
	bundle->id = store_row_integer(row, 0);
	bundle->digest = text_copy(rows->arena, store_row_text(row, 1));
	bundle->name = text_copy(rows->arena, store_row_text(row, 2));
	bundle->created_at.us = store_row_integer(row, 3);
	if (!store_row_null(row, 4))
		bundle->activated_at.us = store_row_integer(row, 4);
	return true;
}

bool bundle_page(struct command *command, struct page_query page, struct bundle_list *bundles)
{
	struct page_rows rows = { command->arena, bundles };
	return store_each(command->store, STATEMENT_BUNDLE_PAGE,
	                  BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), page_row, &rows);
}

size_t bundle_plan_count(const struct bundle_content *content)
{
	size_t count = content->plans.count;
	for (size_t i = 0; i < content->versions.count; i++)
		count += content->versions.items[i].plans.count;
	return count;
}

/* ---- bundle.deploy ---- */

static bool bundle_keep(struct command *command, const struct bundle_content *content, struct bundle **kept)
{
	struct bundle *bundle;
	if (!bundle_by_digest(command, content->archive.digest_text, &bundle))
		return false;
	*kept = bundle;
	if (bundle) {
		bundle->activated_at = command->now;
		return store_update(command->store, &bundle_record, bundle);
	}
	*kept = bundle = arena_new(command->arena, struct bundle);
	bundle->id = store_new_id(command->store, "bundle");
	bundle->digest = content->archive.digest_text;
	bundle->name = content->manifest.name;
	bundle->manifest = content->manifest.text;
	bundle->files = content->archive.files_text;
	bundle->created_at = command->now;
	bundle->activated_at = command->now;
	return store_insert(command->store, &bundle_record, bundle);
}

/* A plan's problems are told where the catalog file has it. */
static bool plans_put(struct command *command, const struct bundle_content *content)
{
	for (size_t i = 0; i < content->plans.count; i++) {
		struct plan *plan;
		const struct problem *before = command->problems->last;
		if (plan_put(command, &content->plans.items[i], content->archive.digest_text, &plan))
			continue;
		struct problem *last = command->problems->last;
		if (last && last != before)
			last->pointer =
			        text_format(command->arena, "%s%s", content->plan_pointers.items[i], last->pointer)
			                .data;
		return false;
	}
	return true;
}

static bool activate(struct command *command, struct text digest, struct text *previous)
{
	struct tenant *tenant;
	if (!tenant_find(command->store, command->tenant->id, &tenant))
		return false;
	*previous = tenant->bundle;
	tenant->bundle = digest;
	return store_update(command->store, &tenant_record, tenant);
}

static bool put_in_force(struct command *command, const struct bundle_content *content, enum bundle_activation_kind kind,
                         void **output)
{
	struct bundle *bundle;
	struct bundle_deployed *deployed = arena_new(command->arena, struct bundle_deployed);
	if (!bundle_keep(command, content, &bundle) || !plans_put(command, content) ||
	    !catalog_versions_put(command, content->versions.items, content->versions.count, bundle->digest) ||
	    !document_templates_keep(command, &content->archive) || !mail_templates_keep(command, &content->archive) ||
	    !activate(command, bundle->digest, &deployed->previous) ||
	    !bundle_activation_note(command, bundle, deployed->previous, kind) || !jobs_begin_anew(command) ||
	    !settings_follow(command, command->settings, content->manifest.settings))
		return false;
	deployed->digest = bundle->digest;
	deployed->name = bundle->name;
	deployed->files = (int64_t)content->archive.count;
	deployed->rules = (int64_t)rule_bundle_count(content->rules);
	deployed->plans = (int64_t)bundle_plan_count(content);
	deployed->versions = (int64_t)content->versions.count;
	deployed->has_versions = content->versions.count > 0;
	deployed->activated_at = command->now;
	command_object(command, "bundle", bundle->id, 0);
	*output = deployed;
	return true;
}

/* Compiling and running files is bounded work, but enough to be felt when it is asked for again and again. Who deploys once
 * waits 5 s for it at most. */
enum { CHECK_OWED_US = 25 * US_PER_MS };

static bool archive_deploy(struct command *command, struct text archive, enum bundle_activation_kind kind, void **output)
{
	struct bundle_content content;
	command_work_begin(command);
	bool good = bundle_check(archive, command->tenant->currency, command->arena, command->problems, &content);
	command_work_end(command, CHECK_OWED_US);
	if (!good)
		return false;
	bool done = put_in_force(command, &content, kind, output);
	rule_bundle_release(content.rules);
	return done;
}

static bool bundle_deploy_perform(struct command *command, const void *data, void **output)
{
	const struct bundle_deploy *input = data;
	return archive_deploy(command, input->archive, BUNDLE_ACTIVATION_KIND_DEPLOY, output);
}

static bool bundle_rollback_perform(struct command *command, const void *data, void **output)
{
	const struct bundle_rollback *input = data;
	const struct bundle *bundle = bundle_rollback_target(command, input->to);
	if (!bundle)
		return false;
	struct text archive = text_format(command->arena, "{\"files\":%.*s}", TEXT_ARG(bundle->files));
	return archive_deploy(command, archive, BUNDLE_ACTIVATION_KIND_ROLLBACK, output);
}

const struct command_type bundle_commands[] = {
	{ .name = "bundle.deploy", .scope = "deploy", .input = &bundle_deploy_record, .output = &bundle_deployed_record,
	  .without_rules = true,
	  .perform = bundle_deploy_perform, .doc = "Checks a bundle, keeps it and puts it in force." },
	{ .name = "bundle.rollback", .scope = "deploy", .input = &bundle_rollback_record, .output = &bundle_deployed_record,
	  .without_rules = true,
	  .perform = bundle_rollback_perform, .doc = "Puts a bundle in force again that was before, after the same checks." },
	{ .name = NULL },
};
