#!/usr/bin/env python3
"""Checks a finished round of a Playhouse server with Python's own library alone, 3.8 or later.

What it follows is written in docs/FAIRNESS.md; verify-round.mjs beside it says the same, step by step and letter by letter.
"""
import hashlib
import hmac
import json
import re
import sys
import urllib.request
from urllib.parse import quote

HELP = """python3 verify_round.py <server> <round> [--noted <commitment>] [--json]
python3 verify_round.py <file.json | -> [--noted <commitment>] [--json]

  <server>   its address, as in http://localhost:2567; the round is read from /api/fairness/rounds/<round>
  <file>     the same answer, kept before, or a list of such answers; - reads it from standard input
  --noted    the commitment you wrote down before you staked: the one thing that the server's answer cannot prove
  --json     the steps as JSON, a line each round

Exit code 0: true, as far as it can be checked here; 1: false; 2: not to be checked yet, or not at all."""

WORDS = 2**32
CHAMBERS = 6
BASIS_POINTS = 10_000
BET_RETURN_BP = 9_600
WHEEL = 10_000
# Drawn from the player's own seed.
PLAYERS_OWN = ("spin", "egg", "gear")
SAFE = 2**53 - 1


def check_round(proof, noted=None, round_id=None):
    """The verdict: true, false, hidden (the seed is not shown yet) or partly (the seed is true; the rest needs the rules)."""
    faults = faults_of(proof)
    if faults:
        return {"verdict": "false", "steps": [step("The record can be read", faults, False)]}
    steps = [round_step(proof, round_id), promise_step(proof, noted), order_step(proof)]
    if proof["serverSeed"] is None:
        steps.append(step("The seed", ["not shown yet"], None))
        return {"verdict": verdict_of(steps, "hidden"), "steps": steps}
    steps += [end_step(proof), seed_step(proof)]
    stream = Stream(proof)
    steps.append(stream_step(proof, stream))
    if proof["game"] == "spin":
        spin_steps(proof, stream, steps)
        return {"verdict": verdict_of(steps, "true"), "steps": steps}
    if proof["game"] == "roulette":
        roulette_steps(proof, stream, steps)
        return {"verdict": verdict_of(steps, "true"), "steps": steps}
    if proof["game"] == "egg":
        egg_steps(proof, stream, steps)
        return {"verdict": verdict_of(steps, "true"), "steps": steps}
    first_draws(stream, steps)
    return {"verdict": verdict_of(steps, "partly"), "steps": steps}


def step(title, lines, agrees):
    """`agrees`: True, False, or None where there is nothing to compare with."""
    return {"title": title, "lines": lines, "agrees": agrees}


def verdict_of(steps, otherwise):
    return "false" if any(one["agrees"] is False for one in steps) else otherwise


# What was promised, and when.


def round_step(proof, asked):
    agrees = None if asked is None else asked.lower() == proof["roundId"]
    lines = [f"{proof['game']} {proof['roundId']}, rules version {proof['rulesVersion']}, {proof['state']}"]
    if agrees is False:
        lines.append(f"asked for: {asked}")
    return step("The round", lines, agrees)


def promise_step(proof, noted):
    commitment = proof["commitment"]
    if noted is None:
        return step("What was promised", [f"commitment: {commitment}"], None)
    clean = noted.strip().lower()
    return step("What was promised", [f"commitment: {commitment}", f"you noted:  {clean}"], clean == commitment)


def order_step(proof):
    stakes, promised = proof["stakes"], proof["committedAt"]
    lines = [f"{one['kind']} of {one['amount']} {one['currency']} at {one['at']}" for one in stakes]
    before = all(promised <= one["at"] for one in stakes)
    return step("The promise came before every stake", [f"promised at {promised}", *lines], before if stakes else None)


def end_step(proof):
    state = proof["state"]
    ended = state in ("settled", "void")
    line = f"{state} at {text(proof['endedAt'])}" if ended else f"still {state}"
    return step("The seed is shown after the end only", [line], ended)


def seed_step(proof):
    seed = proof["serverSeed"]
    digest = hashlib.sha256(bytes.fromhex(seed)).hexdigest()
    return step("The seed is the one promised", [f"SHA-256({seed}) = {digest}"], digest == proof["commitment"])


def stream_step(proof, stream):
    """What is drawn from the player's own seed counts up its nonce. Any other round has a seed of its own, so another nonce would be a choice."""
    game, seeds, nonce = proof["game"], proof["clientSeeds"], proof["nonce"]
    stream.lines.insert(0, f"client seeds: {', '.join(seeds) or 'none'}; nonce {nonce}")
    own = nonce == 0 and (game != "battle" or not seeds)
    return step("The stream of draws", stream.lines, len(seeds) == 1 if game in PLAYERS_OWN else own)


# The draw.


class Stream:
    """Blocks of HMAC-SHA256 as big-endian words of 32 bits; each block is written into `lines` when it is first needed."""

    def __init__(self, proof):
        self.key = bytes.fromhex(proof["serverSeed"])
        self.prefix = f"{':'.join(proof['clientSeeds'])}:{proof['nonce']}:"
        self.lines = []
        self.blocks = 0
        self.words = []

    def next_word(self):
        if not self.words:
            message = f"{self.prefix}{self.blocks}"
            block = hmac.new(self.key, message.encode(), hashlib.sha256).digest()
            self.words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 32, 4)]
            self.lines.append(f'HMAC-SHA256(seed, "{message}") = {block.hex()}')
            self.blocks += 1
        return self.words.pop(0)

    def below(self, limit):
        """Words at or past the last whole multiple of `limit` are passed over. The value, and a line that tells of it."""
        whole = WORDS - WORDS % limit
        taken = [self.next_word()]
        while taken[-1] >= whole:
            taken.append(self.next_word())
        value = taken[-1] % limit
        return value, f"below({limit}): {', '.join(f'{word:08x}' for word in taken)} → {value}"


def first_draws(stream, steps):
    words = ", ".join(f"{stream.next_word():08x}" for _ in range(8))
    rest = "what was made of them follows from the rules, which are not in this checker"
    steps.append(step("The first words", [words, rest], None))


# Spin.


def spin_steps(proof, stream, steps):
    setup, outcome, stakes = proof["setup"], proof["outcome"], proof["stakes"]
    faults = wheel_faults(setup, outcome)
    if faults:
        steps.append(step("The wheel in force", faults, False))
        return
    segments = setup["segments"]
    total = sum(one["weight"] for one in segments)
    returned = sum(one["multiplier"] * one["weight"] for one in segments)
    rtp = f"{returned // 1_000_000}.{returned % 1_000_000:06d}"
    line = f"{len(segments)} segments, weights {total}, returns {rtp} without the jackpot"
    steps.append(step("The wheel in force", [line], total == WHEEL))
    if total != WHEEL:
        return
    payout = wheel_step(setup, outcome, stream, steps)
    prize = jackpot_step(setup, outcome, stream, steps)
    due = {
        "amount": setup["stake"],
        "currency": setup["currency"],
        "kind": "stake",
        "seat": None,
        "paid": payout + prize,
        "state": "settled",
    }
    lines = []
    agrees = proof["state"] == "settled" and len(stakes) == 1 and stake_agrees(stakes[0], due, lines)
    if len(stakes) != 1:
        lines.append(f"{len(stakes)} stakes")
    steps.append(step("What was paid", lines, agrees))


def wheel_step(setup, outcome, stream, steps):
    """The segment is the one whose cumulative weight first exceeds the draw."""
    value, line = stream.below(WHEEL)
    cumulative = 0
    for segment, one in enumerate(setup["segments"]):
        cumulative += one["weight"]
        if cumulative > value:
            break
    multiplier = one["multiplier"]
    payout = int(setup["stake"]) * multiplier // 100
    lines = [
        line,
        f"segment {segment}, {multiplier} hundredths of {setup['stake']}: {payout}",
        f"the house said: segment {outcome['segment']}, {outcome['multiplier']} hundredths, {outcome['payout']}",
    ]
    said = (outcome["segment"], outcome["multiplier"], outcome["payout"])
    steps.append(step("The wheel", lines, said == (segment, multiplier, str(payout))))
    return payout


def jackpot_step(setup, outcome, stream, steps):
    value, line = stream.below(setup["jackpotOdds"])
    hit, said = value == 0, outcome["jackpotHit"]
    lines = [line, "0: it hits" if hit else "not 0: it stays", f"the house said: {'a hit' if said else 'no hit'}"]
    if not hit:
        steps.append(step("The jackpot", lines, not said and "prize" not in outcome))
        return 0
    pot, told = outcome.get("pot"), outcome.get("prize")
    if not is_digits(pot) or not is_digits(told):
        steps.append(step("The jackpot", [*lines, "the record says no pot and prize"], False))
        return 0
    prize = int(pot) * int(setup["stake"]) // int(setup["stakeMax"])
    lines += [f"⌊{pot} · {setup['stake']} / {setup['stakeMax']}⌋ = {prize}", f"the house said: {told}"]
    steps.append(step("The jackpot", lines, said and told == str(prize)))
    return prize


def wheel_faults(setup, outcome):
    faults = []

    def whole(part):
        return is_object(part) and is_whole(part.get("multiplier"), 0, 1_000_000_000) and is_whole(part.get("weight"), 1, WHEEL)

    segments = setup.get("segments")
    if not isinstance(segments, list) or not segments or not all(map(whole, segments)):
        faults.append("no segments")
    if not is_whole(setup.get("jackpotOdds"), 1, WORDS):
        faults.append("no jackpot odds")
    if not is_digits(setup.get("stake")) or not is_digits(setup.get("stakeMax")) or int(setup["stakeMax"]) == 0:
        faults.append("no stake or no highest stake")
    if not isinstance(setup.get("currency"), str):
        faults.append("no currency")
    told = (
        is_object(outcome)
        and is_whole(outcome.get("segment"), 0, WHEEL)
        and is_whole(outcome.get("multiplier"), 0, 1_000_000_000)
    )
    if not told or not is_digits(outcome.get("payout")) or not isinstance(outcome.get("jackpotHit"), bool):
        faults.append("no outcome")
    return faults


# Egg.


def egg_steps(proof, stream, steps):
    """The species is the one whose cumulative weight first exceeds the draw. Whether the weights are the egg's, the odds say."""
    setup, outcome = proof["setup"], proof["outcome"]
    faults = egg_faults(setup, outcome)
    if faults:
        steps.append(step("The egg", faults, False))
        return
    total = sum(weight for _, weight in setup["weights"])
    shares = ", ".join(f"{species} {weight}" for species, weight in setup["weights"])
    lines = [f"{setup['kind']}, after {setup['misses']} hatches without a rare pet", f"of {total}: {shares}"]
    steps.append(step("The egg", lines, None))
    value, line = stream.below(total)
    cumulative = 0
    for species, weight in setup["weights"]:
        cumulative += weight
        if cumulative > value:
            break
    steps.append(step("The pet", [line, species, f"the house said: {outcome['species']}"], outcome["species"] == species))


def egg_faults(setup, outcome):
    faults = []

    def whole(part):
        return isinstance(part, list) and len(part) == 2 and isinstance(part[0], str) and is_whole(part[1], 1, WHEEL)

    weights = setup.get("weights")
    if not isinstance(weights, list) or not weights or not all(map(whole, weights)):
        faults.append("no weights")
    if not isinstance(setup.get("kind"), str) or not is_whole(setup.get("misses"), 0, WORDS):
        faults.append("no kind or no count of misses")
    if not is_object(outcome) or not isinstance(outcome.get("species"), str):
        faults.append("no outcome")
    return faults


# Roulette.


class Table:
    def __init__(self, seats, turn):
        self.seats = seats
        self.alive = list(seats)
        self.turn = turn
        self.pull_no = 1
        self.chamber = 0
        self.loads = 0
        self.bullet = 0
        self.open = []
        self.bets = {}


def roulette_steps(proof, stream, steps):
    setup, outcome, stakes = proof["setup"], proof["outcome"], proof["stakes"]
    if proof["state"] == "void" and not proof["clientSeeds"]:
        steps.append(step("The table never started", [f"{len(stakes)} stakes"], not stakes))
        return
    faults = table_faults(proof)
    if faults:
        steps.append(step("The table", faults, False))
        return
    first, line = stream.below(len(setup["seats"]))
    named = setup["seats"][first]
    lines = [line, f"seat {first + 1}: {named}"]
    if outcome is not None:
        lines.append(f"the house said: {outcome['firstTurn']}")
    steps.append(step("Who pulls first", lines, None if outcome is None else outcome["firstTurn"] == named))
    table = Table(setup["seats"], named)
    load(table, stream, steps)
    for move in proof["moves"]:
        if len(table.alive) < 2:
            steps.append(step("Nothing follows the end", [f"{move['type']} at pull {move['pullNo']}"], False))
            return
        if move["type"] == "bet":
            place_bet(table, move, steps)
        else:
            fire(table, move, stream, steps)
    finish_steps(proof, table, steps)


def load(table, stream, steps):
    table.bullet, line = stream.below(CHAMBERS)
    table.chamber = 0
    table.loads += 1
    steps.append(step(f"Loading {table.loads}", [line, f"the bullet is in chamber {table.bullet + 1} of {CHAMBERS}"], None))


def place_bet(table, move, steps):
    bet_id, kind, stake, pull_no = move["betId"], move["kind"], move["stake"], move["pullNo"]
    known = bet_id in table.bets
    chambers_left = CHAMBERS - table.chamber
    right = not known and chambers_left > 1 and move["targetId"] == table.turn and pull_no == table.pull_no
    lines = [f"{move['playerId']}: {stake} on {kind} of {move['targetId']}, {chambers_left} chambers left"]
    if known:
        lines.append("a bet of this id was made before")
    steps.append(step(f"Bet on pull {pull_no}", lines, right))
    table.bets[bet_id] = {
        "seat": move["playerId"],
        "kind": kind,
        "amount": stake,
        "chambersLeft": chambers_left,
        "paid": int(stake),
        "state": "void",
    }
    table.open.append(bet_id)


def fire(table, move, stream, steps):
    kind, seat_id, turn = move["type"], move["seatId"], table.turn
    due = move["pullNo"] == table.pull_no and seat_id in table.alive
    if kind == "leave" and seat_id != turn:
        steps.append(step(f"{seat_id} leaves", ["not on turn: no chamber is used"], due))
        table.alive = [seat for seat in table.alive if seat != seat_id]
        return
    hit = table.chamber == table.bullet
    who = {
        "pull": "pulls",
        "leave": "leaves, and the table pulls",
        "timeout": "lets the time pass, and the table pulls",
    }[kind]
    lines = [f"chamber {table.chamber + 1}: {'the bullet' if hit else 'empty'}", f"on turn: {turn}"]
    steps.append(step(f"Pull {table.pull_no}: {seat_id} {who}", lines, due and seat_id == turn))
    settle_bets(table, hit)
    if hit or kind == "leave":
        table.alive = [seat for seat in table.alive if seat != turn]
    table.chamber += 1
    table.pull_no += 1
    if len(table.alive) < 2:
        return
    if hit:
        load(table, stream, steps)
    place = table.seats.index(turn)
    round_table = [*table.seats[place + 1 :], *table.seats[: place + 1]]
    table.turn = next(seat for seat in round_table if seat in table.alive)


def settle_bets(table, hit):
    """Total return of a bet that wins: its stake, times the odds, times 9,600 in 10,000, cut off."""
    for bet_id in table.open:
        bet = table.bets[bet_id]
        won = bet["kind"] == ("eliminated" if hit else "survive")
        under = bet["chambersLeft"] - 1 if bet["kind"] == "survive" else 1
        fair = int(bet["amount"]) * BET_RETURN_BP * bet["chambersLeft"]
        bet["paid"] = fair // (BASIS_POINTS * under) if won and under > 0 else 0
        bet["state"] = "settled"
    table.open = []


def finish_steps(proof, table, steps):
    setup, outcome, state = proof["setup"], proof["outcome"], proof["state"]
    left = table.alive[0] if len(table.alive) == 1 else None
    seats, stake = setup["seats"], int(setup["stake"])
    pot = stake * len(seats)
    rake = pot * setup["rakeBp"] // BASIS_POINTS
    if state == "settled":
        lines = [f"{len(table.alive)} seats" if left is None else left, f"the house said: {outcome['winner']}"]
        steps.append(step("Who is left", lines, left is not None and left == outcome["winner"]))
        lines = [
            f"{len(seats)} · {setup['stake']} = {pot}",
            f"rake {rake}, payout {pot - rake}",
            f"the house said: rake {outcome['rake']}, payout {outcome['payout']}",
        ]
        steps.append(step("The pot", lines, outcome["rake"] == str(rake) and outcome["payout"] == str(pot - rake)))
    else:
        lines = [f"{len(table.alive)} seats were left"]
        steps.append(step("The table was void", lines, left is None and outcome is None))

    def seat_of(seat):
        paid = stake if state == "void" else pot - rake if seat == left else 0
        return {
            "amount": setup["stake"],
            "currency": setup["currency"],
            "kind": "stake",
            "seat": seat,
            "paid": paid,
            "state": state,
        }

    paid_step([seat_of(seat) for seat in seats], table.bets, setup["currency"], proof, steps)


def paid_step(seats, bets, currency, proof, steps):
    """Every seat's stake once, every recorded bet once, and nothing besides but what a void table gave back."""
    stakes, lines = proof["stakes"], []
    agrees = True

    def expect(found, due):
        nonlocal agrees
        if len(found) != 1:
            lines.append(f"{due['seat']}: {len(found)} stakes of this kind")
        agrees = len(found) == 1 and stake_agrees(found[0], due, lines) and agrees

    for due in seats:
        expect([one for one in stakes if one["kind"] == "stake" and one["seat"] == due["seat"]], due)
    for bet_id, bet in bets.items():
        expect([one for one in stakes if one["stakeId"] == bet_id], {**bet, "currency": currency})
    for stake in stakes:
        told = any(one["seat"] == stake["seat"] for one in seats) if stake["kind"] == "stake" else stake["stakeId"] in bets
        if told:
            continue
        lines.append(f"{stake['kind']} of {text(stake['seat'])} is not in the record")
        back = {**stake, "paid": int(stake["amount"]), "state": "void"}
        agrees = proof["state"] == "void" and stake["kind"] != "stake" and stake_agrees(stake, back, lines) and agrees
    steps.append(step("What was paid", lines, agrees))


def stake_agrees(stake, due, lines):
    name = stake["kind"] if stake["seat"] is None else f"{stake['kind']} of {stake['seat']}"
    parts = ("kind", "seat", "currency", "amount", "state")
    same = all(stake[part] == due[part] for part in parts) and stake["paid"] == str(due["paid"])
    should = "" if same else f"; it should be {due['kind']} {due['amount']} {due['currency']}, {due['paid']}, {due['state']}"
    paid = "nothing yet" if stake["paid"] is None else stake["paid"]
    lines.append(f"{name}: staked {stake['amount']} {stake['currency']}, paid {paid}, {stake['state']}{should}")
    return same


def table_faults(proof):
    setup, outcome = proof["setup"], proof["outcome"]
    faults = []
    seats = setup.get("seats")
    named = isinstance(seats, list) and all(isinstance(seat, str) for seat in seats) and len(set(seats)) == len(seats)
    if not named or len(seats) < 2 or len(seats) > CHAMBERS or len(seats) != len(proof["clientSeeds"]):
        faults.append("no seats, or not one client seed each")
    if not is_digits(setup.get("stake")) or not isinstance(setup.get("currency"), str):
        faults.append("no stake")
    if not is_whole(setup.get("rakeBp"), 0, 10_000):
        faults.append("no rake")
    if not all(map(is_move, proof["moves"])):
        faults.append("a move that is none")
    told = is_object(outcome) and all(isinstance(outcome.get(part), str) for part in ("winner", "firstTurn", "payout", "rake"))
    if (not told) if proof["state"] == "settled" else outcome is not None:
        faults.append("no outcome, or one of a void table")
    return faults


def is_move(move):
    if not is_object(move) or not is_whole(move.get("pullNo"), 1, 1_000) or not isinstance(move.get("type"), str):
        return False
    if move["type"] in ("pull", "timeout", "leave"):
        return isinstance(move.get("seatId"), str)
    named = all(isinstance(move.get(part), str) for part in ("betId", "playerId", "targetId"))
    return move["type"] == "bet" and named and move.get("kind") in ("survive", "eliminated") and is_digits(move.get("stake"))


# What may be read at all.


def faults_of(proof):
    if not is_object(proof):
        return ["not a record"]
    get = proof.get
    faults = [f"{name} is no text" for name in ("roundId", "game") if not isinstance(get(name), str)]
    if not is_whole(get("rulesVersion"), 0, SAFE):
        faults.append("rulesVersion is no whole number")
    if get("state") not in ("open", "started", "settled", "void"):
        faults.append("state is none")
    if not is_hex(get("commitment")):
        faults.append("commitment is not 64 hex digits")
    if get("serverSeed", 0) is not None and not is_hex(get("serverSeed")):
        faults.append("serverSeed is not 64 hex digits")
    seeds = get("clientSeeds")
    if not isinstance(seeds, list) or not all(matches(r"[A-Za-z0-9_-]{1,64}", seed) for seed in seeds):
        faults.append("clientSeeds are not client seeds")
    if not is_whole(get("nonce"), 0, SAFE):
        faults.append("nonce is no whole number")
    if not is_object(get("setup")) or not isinstance(get("moves"), list):
        faults.append("no setup or no moves")
    if get("outcome", 0) is not None and not is_object(get("outcome")):
        faults.append("outcome is no object")
    if not is_time(get("committedAt")):
        faults.append("committedAt is no time")
    if get("endedAt", 0) is not None and not is_time(get("endedAt")):
        faults.append("endedAt is no time")
    if not isinstance(get("stakes"), list) or not all(map(is_stake, get("stakes"))):
        faults.append("stakes are not stakes")
    return faults


def is_stake(stake):
    if not is_object(stake) or not all(isinstance(stake.get(part), str) for part in ("stakeId", "kind", "currency")):
        return False
    seat = stake.get("seat", 0) is None or isinstance(stake.get("seat"), str)
    paid = stake.get("paid", 0) is None or is_digits(stake.get("paid"))
    known = stake.get("state") in ("open", "settled", "void")
    return seat and paid and is_digits(stake.get("amount")) and known and is_time(stake.get("at"))


def is_object(value):
    return isinstance(value, dict)


def is_whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_digits(value):
    """Minor units as the house writes them: no sign, no leading zero."""
    return matches(r"0|[1-9][0-9]{0,18}", value)


def is_hex(value):
    return matches(r"[0-9a-f]{64}", value)


def is_time(value):
    """All are written alike, so that they compare as text."""
    return matches(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", value)


def matches(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def text(value):
    return "null" if value is None else value


def in_words(checked):
    """The closing line."""
    wrong = "; ".join(one["title"] for one in checked["steps"] if one["agrees"] is False)
    return {
        "false": f"FALSE: this round is not what it should be: {wrong}.",
        "hidden": "NOT YET: the seed is not shown. A table shows it at its end, a wheel when its player rotates the seed.",
        "partly": "TRUE AS FAR AS CHECKED: the seed is the one promised. "
        "The rest needs the rules: npm run fairness -- verify <round>.",
        "true": "TRUE: the seed is the one promised, and all that was drawn and paid follows from it.",
    }[checked["verdict"]]


def main(words):
    sys.stdout.reconfigure(encoding="utf-8")
    asking = asked_of(words)
    if asking is None:
        print(HELP, file=sys.stderr)
        return 2
    where, round_id, noted, as_json = asking
    try:
        record = json.loads(text_of(where, round_id), parse_float=whole_or_float)
    except (OSError, ValueError) as error:
        print(f"The round cannot be read: {error}", file=sys.stderr)
        return 2
    many = isinstance(record, list)
    verdicts = []
    for proof in record if many else [record]:
        checked = check_round(proof, noted, round_id)
        if as_json:
            print(json.dumps(checked, ensure_ascii=False))
        elif many:
            print(f"{proof.get('roundId', 'no round') if is_object(proof) else 'no round'}  {in_words(checked)}")
        else:
            show(checked, noted)
        verdicts.append(checked["verdict"])
    if "false" in verdicts:
        return 1
    return 0 if verdicts and "hidden" not in verdicts else 2


def asked_of(words):
    """None: not a command."""
    left = list(words)
    as_json = "--json" in left
    if as_json:
        left.remove("--json")
    noted = None
    if "--noted" in left:
        at = left.index("--noted")
        if at + 1 >= len(left):
            return None
        noted = left[at + 1]
        del left[at : at + 2]
    if not 1 <= len(left) <= 2 or any(word.startswith("--") for word in left):
        return None
    return left[0], left[1] if len(left) == 2 else None, noted, as_json


def text_of(where, round_id):
    if round_id is not None:
        with urllib.request.urlopen(f"{where.rstrip('/')}/api/fairness/rounds/{quote(round_id, safe='')}") as answer:
            return answer.read().decode()
    if where == "-":
        return sys.stdin.buffer.read().decode()
    with open(where, encoding="utf-8") as file:
        return file.read()


def whole_or_float(digits):
    """JSON has one kind of number: 1.0 is 1."""
    number = float(digits)
    return int(number) if number.is_integer() else number


def show(checked, noted):
    for one in checked["steps"]:
        print(f"{ {True: '✓', False: '✗', None: '·'}[one['agrees']] } {one['title']}")
        for line in one["lines"]:
            print(f"    {line}")
    if noted is None:
        print("\nThat the commitment was given before the bet is known only to who wrote it down: give it with --noted.")
    print(in_words(checked))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
