// Boost.Asio and Boost.Beast outside their templates, compiled once: the sessions' own files then
// compile in seconds.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
