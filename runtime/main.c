/* main.c: the program: moonbill SUBCOMMAND ... */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	return (int)cli_main(argc, argv);
}
