// Nothing to call: the compiler does. See Memory.c.
#pragma once
