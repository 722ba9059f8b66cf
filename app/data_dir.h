// Where a server keeps the database of a logdir when the user names no data directory.
#pragma once

#include <string>

namespace spirogram::app {

// $XDG_DATA_HOME/spirogram/NAME-CRC, or ~/.local/share/spirogram/NAME-CRC: NAME is the logdir's
// last part, CRC that of its absolute path. The logdir itself is only ever read, and need not be
// there yet.
std::string DefaultDataDir(const std::string& logdir);

}  // namespace spirogram::app
