-- Begin a session's journal, in the place of one of the caller's own that is gone or has a gap, or of one from before
-- the caller took the session over: the store has lost that, and a lower fence is that of who has lost the session.
--
-- KEYS[1] ss:session:<id>         hash  head, fence, standing, behind
-- KEYS[2] ss:session:<id>:events  list
-- ARGV 1 fence · 2 milliseconds to keep · 3 head · 4 standing · 5 sequence of the last event that it does not have
-- Returns "kept" or "taken".

local fence = redis.call('HGET', KEYS[1], 'fence')
if fence and tonumber(fence) > tonumber(ARGV[1]) then return 'taken' end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'fence', ARGV[1], 'head', ARGV[3], 'standing', ARGV[4], 'behind', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'kept'
