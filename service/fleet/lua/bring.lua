-- Bring a block that an instance kept by itself, unless Redis knows better: a longer one, or that it was lifted.
-- KEYS: block, blocks. ARGV: client, when it ends (s), its number, its reason.
local ends, times = math.floor(tonumber(ARGV[2]) * 1000), tonumber(ARGV[3])
local known, known_times = parts(KEYS[1], '^(%d+) (%d+) ')
if known and (known_times == '0' or tonumber(known) >= ends) then return 0 end
ends = math.min(ends, now + LONGEST_BLOCK)
if ends <= now then return 0 end
keep_block(KEYS[1], KEYS[2], ARGV[1], ends, times, ARGV[4])
return 1
