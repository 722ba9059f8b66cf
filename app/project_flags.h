// The flags of `spirogram project`.
#pragma once

#include <CLI/App.hpp>

#include "app/project.h"

namespace spirogram::app {

// Adds the sub-command, which fills `options` when the command line names it.
void AddProject(CLI::App* program, ProjectOptions* options);

}  // namespace spirogram::app
