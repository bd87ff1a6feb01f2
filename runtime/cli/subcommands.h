/* subcommands.h: the rows of the command line, one file a noun. */
#ifndef MOONBILL_CLI_SUBCOMMANDS_H
#define MOONBILL_CLI_SUBCOMMANDS_H

#include "cli.h"

extern const struct cli_subcommand bundle_history_subcommand, bundle_rollback_subcommand, annotations_subcommand, new_subcommand, console_subcommand, test_subcommand;
extern const struct cli_subcommand import_subcommand, serve_subcommand, deploy_subcommand, check_subcommand, tenant_create_subcommand,
        tenant_list_subcommand, tenant_export_subcommand, tenant_import_subcommand, branch_subcommand,
        branch_list_subcommand, branch_drop_subcommand, key_create_subcommand, key_list_subcommand, key_revoke_subcommand, clock_subcommand,
        explain_subcommand, do_subcommand, get_subcommand, commands_list_subcommand, commands_show_subcommand, verify_subcommand, backup_subcommand, key_rotate_subcommand, audit_subcommand, tasks_list_subcommand, tasks_run_subcommand, openapi_subcommand, version_subcommand,
        deliveries_list_subcommand, deliveries_retry_subcommand, deliveries_withdraw_subcommand, jobs_list_subcommand, jobs_retry_subcommand, jobs_withdraw_subcommand, causes_list_subcommand, causes_withdraw_subcommand, secrets_key_subcommand, secrets_seal_subcommand, events_tail_subcommand, events_show_subcommand, events_replay_subcommand;

#endif
