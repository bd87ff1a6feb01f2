/* bench_tenants.c: many tenants, each with a script of its own: memory, and what a command of one costs whose turn comes
 * after all others'.
 *
 *     bench_tenants --file FILE [--tenants 10000] [--rounds 2]
 *
 * The floor is the same command of one tenant, again and again.
 */
#include "bench_engine.h"

#include "billing/bundle.h"
#include "billing/bundle_archive.h"
#include "billing/tenant.h"

#include <unistd.h>

/* As long as a proration, a tax and two hooks of a shop are; the number makes each tenant's its own. */
#define SCRIPT                                                                                                          \
	"-- rules of shop %d\n"                                                                                         \
	"local fee = money '%d.%02d USD'\n"                                                                             \
	"local function label(name) return 'shop %d: ' .. name end\n"                                                   \
	"rule 'names are kept short' { pre = 'account.create', run = function (account, ctx)\n"                         \
	"  if #account.name > 40 then ctx:reject('long_name', 'At most 40 letters.') end\n"                             \
	"  account.notes = label(account.name)\n"                                                                       \
	"end }\n"                                                                                                       \
	"rule 'whole days' { policy = 'proration', run = function (change)\n"                                           \
	"  return change.price:portion(change.days_left, change.days_in_period)\n"                                      \
	"end }\n"                                                                                                       \
	"rule 'a fee for small orders' { pre = 'order.calculate', run = function (order, ctx)\n"                        \
	"  for _, line in ipairs(order.lines) do if line.amount < fee then ctx:note('small line') end end\n"            \
	"end }\n"                                                                                                       \
	"rule 'thanks' { post = 'invoice.settle', run = function (invoice, ctx)\n"                                      \
	"  ctx:send('mail', { to = invoice.account.email, template = 'thanks' })\n"                                     \
	"end }\n"

static double resident_mib(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (!file || fscanf(file, "%*s %ld", &pages) != 1)
		bench_fail("/proc/self/statm cannot be read");
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static void tenant_make(struct bench *bench, int number)
{
	bench->tenant_id = 0;
	struct text name = text_format(&bench->arena, "{\"name\":\"shop-%d\"}", number);
	bench->tenant_id = ((struct tenant_created *)command_do(bench, "tenant.create", name.data))->id;
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"shop\",\"rules\":[\"rules/shop.lua\"]}") },
		{ TEXT("rules/shop.lua"), text_format(&bench->arena, SCRIPT, number, number, number % 100, number) },
	};
	struct bundle_deploy input = { .archive = bundle_archive_text(&bench->arena, files, 2) };
	command_input(bench, "bundle.deploy", &input);
	arena_reset(&bench->arena);
	problems_init(&bench->problems, &bench->arena);
}

/* Processor time of an account of each tenant in turn, or of one as often. */
static double accounts_us(struct bench *bench, int64_t first, int64_t tenants, bool one)
{
	double begun = bench_process_cpu_ns();
	for (int64_t i = 0; i < tenants; i++) {
		bench->tenant_id = first + (one ? 0 : i);
		command_do(bench, "account.create", "{\"name\":\"Ann\"}");
		arena_reset(&bench->arena);
		problems_init(&bench->problems, &bench->arena);
	}
	return (bench_process_cpu_ns() - begun) / 1e3 / (double)tenants;
}

int main(int argc, char **argv)
{
	struct bench bench;
	const char *path = bench_option(argc, argv, "--file");
	int64_t tenants = bench_number(argc, argv, "--tenants", 10000, 1, 100000);
	int64_t rounds = bench_number(argc, argv, "--rounds", 2, 1, 100);
	if (!path)
		bench_fail("--file is needed");
	bench_open(&bench, path, (struct engine_options){ 0 }, (size_t)1 << 30);
	double empty_mib = resident_mib();
	for (int i = 1; i <= tenants; i++)
		tenant_make(&bench, i);
	int64_t first = bench.tenant_id - tenants + 1;
	double one_us = 0, each_us = 0;
	for (int64_t round = 0; round < rounds; round++) {
		one_us += accounts_us(&bench, first, tenants, true);
		each_us += accounts_us(&bench, first, tenants, false);
	}
	double ours = each_us / (double)rounds, floor = one_us / (double)rounds;
	printf("tenants with a script, resident MiB   %9.1f  empty %.1f; %lld tenants (wanted: 240 for 10,000)\n", resident_mib(), empty_mib,
	       (long long)tenants);
	printf("an account of each in turn, us        %9.1f  floor %8.1f  %.2f times one tenant's\n", ours, floor, ours / floor);
	bench_close(&bench);
	return 0;
}
