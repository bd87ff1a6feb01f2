/* test_store_together.c: jobs that can be run anew are undone together when one of a batch fails, and come out as if each had been
 * undone alone. */
#include "store_site.h"

#include <semaphore.h>

enum { MEMBERS = 5, FAILS = 2, NOBODY = -1 };

struct together {
	struct site site;
	sem_t gate, answered; /* the gate holds the first job until all wait */
	int fails;
	struct member {
		struct together *of;
		struct store_job job;
		struct arena arena;
		struct problems problems;
		int64_t id;
		int runs, renewals, rollbacks;
		enum store_outcome outcome;
	} first, members[MEMBERS];
};

static bool gate_body(struct store_transaction *transaction, void *context)
{
	struct member *member = context;
	(void)transaction;
	while (sem_wait(&member->of->gate) != 0)
		;
	return true;
}

/* What it writes is undone with what others wrote, as nothing is to stay of this one. */
static bool gate_body_undone(struct store_transaction *transaction, void *context)
{
	gate_body(transaction, context);
	return problem(store_problems(transaction), PROBLEM_CONFLICT, "", "nothing of this is to stay");
}

static bool member_body(struct store_transaction *transaction, void *context)
{
	struct member *member = context;
	member->runs++;
	if (!add_account(transaction, &member->id))
		return false;
	return member - member->of->members != member->of->fails ||
	       problem(store_problems(transaction), PROBLEM_CONFLICT, "", "this is the one that fails");
}

static void member_renew(void *context)
{
	struct member *member = context;
	member->renewals++;
}

static void member_after_rollback(struct store_transaction *transaction, void *context)
{
	struct member *member = context;
	member->rollbacks++;
	CHECK(add_account(transaction, &member->id));
}

static void member_done(void *context, enum store_outcome outcome)
{
	struct member *member = context;
	member->outcome = outcome;
	sem_post(&member->of->answered);
}

static void member_submit(struct together *together, struct member *member,
                          bool (*body)(struct store_transaction *, void *), bool renewable)
{
	member->of = together;
	CHECK(arena_init(&member->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&member->problems, &member->arena);
	member->job = (struct store_job){
		.tenant_id = 1, .body = body, .done = member_done, .context = member, .arena = &member->arena,
		.problems = &member->problems, .renew = renewable ? member_renew : NULL,
		.after_rollback = renewable ? member_after_rollback : NULL,
	};
	store_submit(together->site.store, &member->job);
}

static int64_t accounts_of(struct together *together)
{
	int64_t count = 0;
	CHECK(site_read(&together->site, 1, count_accounts, &count));
	return count;
}

/* One batch: a job that holds the writer, then the members, of whom `fails` fails. Who is `single` cannot be run anew. */
static void run_together(struct together *together, bool (*gate)(struct store_transaction *, void *), int fails, int single)
{
	const struct store_options options = { .batch_us = 600 * US_PER_S };
	*together = (struct together){ .fails = fails };
	site_make(&together->site, IN_A_FILE);
	site_start(&together->site, &options);
	sem_init(&together->gate, 0, 0);
	sem_init(&together->answered, 0, 0);
	member_submit(together, &together->first, gate, false);
	for (int i = 0; i < MEMBERS; i++)
		member_submit(together, &together->members[i], member_body, i != single);
	sem_post(&together->gate);
	for (int i = 0; i < MEMBERS + 1; i++)
		while (sem_wait(&together->answered) != 0)
			;
}

static void together_end(struct together *together)
{
	for (int i = 0; i < MEMBERS; i++)
		arena_finish(&together->members[i].arena);
	arena_finish(&together->first.arena);
	sem_destroy(&together->gate);
	sem_destroy(&together->answered);
	site_close(&together->site);
}

static void check_one_failed(struct together *together)
{
	for (int i = 0; i < MEMBERS; i++) {
		const struct member *member = &together->members[i];
		CHECK_EQ_INT(member->outcome, i == FAILS ? STORE_ROLLED_BACK : STORE_COMMITTED);
		CHECK_EQ_INT(member->rollbacks, i == FAILS);
		CHECK_EQ_INT(member->runs, i < FAILS ? 2 : 1);
		CHECK_EQ_INT(member->renewals, i < FAILS ? 1 : 0);
		CHECK_EQ_INT(member->id, i + 1); /* also the row that was written after the rollback */
	}
	CHECK_EQ_INT(accounts_of(together), MEMBERS);
}

TEST(who_ran_before_one_that_fails_runs_anew_and_is_kept)
{
	static struct together together;
	run_together(&together, gate_body, FAILS, NOBODY);
	check_one_failed(&together);
	together_end(&together);
}

/* Nothing before them is to stay: all of the transaction is undone and begun again. */
TEST(so_it_is_at_the_beginning_of_a_transaction)
{
	static struct together together;
	run_together(&together, gate_body_undone, FAILS, NOBODY);
	check_one_failed(&together);
	together_end(&together);
}

/* Negative control. */
TEST(where_nobody_fails_nobody_runs_anew)
{
	static struct together together;
	run_together(&together, gate_body, NOBODY, NOBODY);
	for (int i = 0; i < MEMBERS; i++) {
		CHECK_EQ_INT(together.members[i].outcome, STORE_COMMITTED);
		CHECK_EQ_INT(together.members[i].runs, 1);
		CHECK_EQ_INT(together.members[i].renewals, 0);
	}
	CHECK_EQ_INT(accounts_of(&together), MEMBERS);
	together_end(&together);
}

/* The one before the last is not to be run anew: what came before it is safe from what comes after. */
TEST(a_job_that_cannot_be_run_anew_parts_those_before_it_from_those_after)
{
	static struct together together;
	run_together(&together, gate_body, FAILS, FAILS - 1);
	for (int i = 0; i < MEMBERS; i++) {
		CHECK_EQ_INT(together.members[i].outcome, i == FAILS ? STORE_ROLLED_BACK : STORE_COMMITTED);
		CHECK_EQ_INT(together.members[i].runs, 1);
		CHECK_EQ_INT(together.members[i].id, i + 1);
	}
	together_end(&together);
}

CHECK_MAIN
