/* subcommands.c: the subcommands in the order of the help text. */
#include "subcommands.h"

const struct cli_subcommand *const cli_subcommands[] = {
	&serve_subcommand,      &tenant_create_subcommand, &tenant_list_subcommand, &key_create_subcommand,
	&key_list_subcommand,      &key_rotate_subcommand,   &key_revoke_subcommand,    &deploy_subcommand,      &bundle_history_subcommand, &bundle_rollback_subcommand, &check_subcommand,
	&new_subcommand, &console_subcommand, &test_subcommand, &annotations_subcommand,
	&do_subcommand, &get_subcommand, &commands_list_subcommand, &commands_show_subcommand,
	&tenant_export_subcommand, &tenant_import_subcommand, &branch_list_subcommand, &branch_drop_subcommand, &branch_subcommand,
	&clock_subcommand,      &explain_subcommand,       &verify_subcommand,        &backup_subcommand,        &audit_subcommand,       &tasks_list_subcommand,    &tasks_run_subcommand,
	&events_tail_subcommand, &events_show_subcommand, &events_replay_subcommand, &deliveries_list_subcommand,
	&deliveries_retry_subcommand, &deliveries_withdraw_subcommand, &jobs_list_subcommand, &jobs_retry_subcommand, &jobs_withdraw_subcommand,    &causes_list_subcommand, &causes_withdraw_subcommand, &secrets_key_subcommand,   &secrets_seal_subcommand,
	&import_subcommand,        &openapi_subcommand,       &version_subcommand,
	NULL,
};
